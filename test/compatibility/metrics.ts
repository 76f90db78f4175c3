import { collectors } from '@tetragon-ts/agent/metrics'
import { metrics as theirs } from './reference/metrics.ts'
import {
  better,
  compare,
  type Exception,
  type Exceptions,
  leftOut,
  type Section,
  same,
} from './table.ts'

const inOrder = 'the ring buffer is ordered: no event waits for its process, so no cache is needed'
const noPolicyFilter =
  'see tetragon_losses_total{kind="unknown_workload"} and {kind="workloads_full"}'
const forDevelopers = 'counts internals of the original'
const noQueue = 'records are read in place in the ring buffer, without a queue'
const go = 'specific to Go; see nodejs_* and process_*'

const exceptions: Exceptions = {
  tetragon_build_info: same('node_version instead of go_version'),
  tetragon_bpf_missed_events_total: same('tracepoints and LSM hooks count as 13, like all hooks'),
  tetragon_msg_op_total: same('tracepoints and LSM hooks count as 13, like all hooks'),
  tetragon_handling_latency: same('in microseconds, with classes from 1 to 20,000'),
  tetragon_map_capacity: same('for the process table'),
  tetragon_map_entries: same('for the process table'),
  tetragon_map_errors_update_total: same('for the process table'),
  tetragon_events_total: better(
    'bounded to 4096 binaries, all others share one series; ended processes are removed',
  ),
  tetragon_policy_events_total: better('bounded, and removed with the policy'),
  tetragon_syscalls_total: better('bounded'),
  tetragon_overhead_program_runs_total: better(
    'all programs, including shared ones and those of the agent itself',
  ),
  tetragon_overhead_program_seconds_total: better(
    'all programs; the kernel counts only while metrics are served',
  ),
  tetragon_cgroup_rate_total: leftOut(
    'see tetragon_losses_total{kind="throttled"} and events of type PROCESS_THROTTLE',
  ),
  tetragon_bpf_error_metrics_total: leftOut('see tetragon_losses_total'),
  tetragon_data_cache_misses_total: leftOut('see tetragon_losses_total{kind="long_data"}'),
  tetragon_data_event_size: leftOut(forDevelopers),
  tetragon_data_events_total: leftOut('see tetragon_msg_op_total{msg_op="24"}'),
  tetragon_debug_events_total: leftOut(forDevelopers),
  tetragon_errors_total: leftOut('see tetragon_losses_total, by stage and kind'),
  tetragon_event_cache_entries: leftOut(inOrder),
  tetragon_event_cache_errors_total: leftOut(inOrder),
  tetragon_event_cache_fetch_failures_total: leftOut(inOrder),
  tetragon_event_cache_fetch_retries_total: leftOut(inOrder),
  tetragon_event_cache_inserts_total: leftOut(inOrder),
  tetragon_flags_total: leftOut('flags are part of each process'),
  tetragon_generic_kprobe_merge_pushed_total: leftOut('most hooks send one record'),
  tetragon_generic_kprobe_merge_total: leftOut('failures: tetragon_losses_total{kind="return"}'),
  tetragon_handler_errors_total: leftOut(
    'a record that cannot be read ends the agent, with a reason',
  ),
  tetragon_map_errors_delete_total: leftOut(
    'deleting an entry twice is not an error: two copies of a program do it',
  ),
  tetragon_missed_link_probes_total: leftOut('counted by program'),
  tetragon_observer_ringbuf_errors_total: leftOut('a reader that fails ends the agent'),
  tetragon_observer_ringbuf_queue_events_lost_total: leftOut(noQueue),
  tetragon_observer_ringbuf_queue_events_received_total: leftOut(noQueue),
  tetragon_policyfilter_hook_container_image_missing_total: leftOut(noPolicyFilter),
  tetragon_policyfilter_hook_container_name_missing_total: leftOut(noPolicyFilter),
  tetragon_policyfilter_operations_total: leftOut(noPolicyFilter),
  tetragon_process_cache_early_deletions_total: leftOut('processes are never deleted too early'),
  tetragon_process_cache_evictions_total: leftOut('nothing is evicted'),
}

/** Labels that are absent, with the reason. */
const absentLabels: Readonly<Record<string, readonly string[]>> = {
  tetragon_build_info: ['commit', 'go_version', 'modified', 'time'],
}

/** The metrics of the agent. */
export function metricSection(): Section {
  const ours = new Map(
    collectors.flatMap((collector) => collector.metrics).map((metric) => [metric.name, metric]),
  )
  const names = Object.keys(theirs)
  const all: Record<string, Exception> = { ...exceptions }
  for (const name of names) if (name.startsWith('go_')) all[name] = leftOut(go)
  const compared = compare({ theirs: names, ours: new Set(ours.keys()), exceptions: all })
  const { entries, problems } = compared
  for (const name of names) {
    const labels = ours.get(name)?.labels
    for (const label of labels === undefined ? [] : theirs[name]) {
      const isAbsent = absentLabels[name]?.includes(label) ?? false
      if (labels?.includes(label) === isAbsent) problems.push(`${name}: label ${label}`)
    }
  }
  const own = [...ours.values()].filter(({ name }) => !(name in theirs))
  return {
    title: 'Metrics',
    intro: 'At `http://ADDRESS/metrics` of `--metrics-server`.',
    entries,
    ours: own.map(({ name, help }) => ({ name, note: help })),
    problems,
  }
}
