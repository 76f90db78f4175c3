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

const inOrder =
  'there is no such cache: the ring buffer is in order, so what an event needs is known'
const noPods = 'pods are not known yet'
const forDevelopers = 'a counter of the insides of the original'
const noQueue = 'no queue is behind the ring buffer: records are read where they are'
const go = 'a matter of Go; nodejs_* and process_* tell of this process'

const exceptions: Exceptions = {
  tetragon_build_info: same('node_version instead of go_version; nothing is compiled'),
  tetragon_bpf_missed_events_total: same('tracepoints and LSM hooks count as 13, like all hooks'),
  tetragon_msg_op_total: same('tracepoints and LSM hooks count as 13, like all hooks'),
  tetragon_handling_latency: same('in microseconds, with classes from 1 to 20,000'),
  tetragon_map_capacity: same('of the table of processes'),
  tetragon_map_entries: same('of the table of processes'),
  tetragon_map_errors_update_total: same('of the table of processes'),
  tetragon_events_total: better('bounded: beyond 4096 binaries the rest is one; dead ones go'),
  tetragon_policy_events_total: better('bounded, and gone with the policy'),
  tetragon_syscalls_total: better('bounded'),
  tetragon_overhead_program_runs_total: better(
    'all programs, those of the agent itself and shared ones too',
  ),
  tetragon_overhead_program_seconds_total: better(
    'all programs; the kernel counts only while metrics are served',
  ),
  tetragon_cgroup_rate_total: leftOut(
    'tetragon_losses_total{kind="throttled"} and events of type PROCESS_THROTTLE tell it',
  ),
  tetragon_bpf_error_metrics_total: leftOut(
    'tetragon_losses_total has what goes wrong in programs',
  ),
  tetragon_cri_cgidmap_resolutions_errors_total: leftOut(noPods),
  tetragon_cri_cgidmap_resolutions_total: leftOut(noPods),
  tetragon_data_cache_misses_total: leftOut('tetragon_losses_total{kind="long_data"} has them'),
  tetragon_data_event_size: leftOut(forDevelopers),
  tetragon_data_events_total: leftOut('tetragon_msg_op_total{msg_op="24"} counts them'),
  tetragon_debug_events_total: leftOut(forDevelopers),
  tetragon_enforcer_missed_notifications_total: leftOut('no process is told to enforce'),
  tetragon_errors_total: leftOut('tetragon_losses_total has the place of each error'),
  tetragon_event_cache_entries: leftOut(inOrder),
  tetragon_event_cache_errors_total: leftOut(inOrder),
  tetragon_event_cache_fetch_failures_total: leftOut(inOrder),
  tetragon_event_cache_fetch_retries_total: leftOut(inOrder),
  tetragon_event_cache_inserts_total: leftOut(inOrder),
  tetragon_flags_total: leftOut('the flags stand in each process'),
  tetragon_generic_kprobe_merge_pushed_total: leftOut('most hooks need no joining of two records'),
  tetragon_generic_kprobe_merge_total: leftOut(
    'records are joined by thread and time; what fails is tetragon_losses_total{kind="return"}',
  ),
  tetragon_handler_errors_total: leftOut(
    'a record that cannot be read ends the agent, with a reason',
  ),
  tetragon_map_errors_delete_total: leftOut('what is deleted twice is no error: two copies do it'),
  tetragon_missed_link_probes_total: leftOut('counted by program'),
  tetragon_observer_ringbuf_errors_total: leftOut('a reader that fails ends the agent'),
  tetragon_observer_ringbuf_queue_events_lost_total: leftOut(noQueue),
  tetragon_observer_ringbuf_queue_events_received_total: leftOut(noQueue),
  tetragon_policyfilter_hook_container_image_missing_total: leftOut(noPods),
  tetragon_policyfilter_hook_container_name_missing_total: leftOut(noPods),
  tetragon_policyfilter_operations_total: leftOut(noPods),
  tetragon_process_cache_early_deletions_total: leftOut('processes are never deleted too early'),
  tetragon_process_cache_evictions_total: leftOut('nothing is evicted'),
  tetragon_process_loader_stats: leftOut('there are no process_loader events yet'),
  tetragon_watcher_delete_pod_cache_evictions: leftOut(noPods),
  tetragon_watcher_delete_pod_cache_hits: leftOut(noPods),
  tetragon_watcher_errors_total: leftOut(noPods),
  tetragon_watcher_events_total: leftOut(noPods),
}

/** Labels that are absent here, with the reason. */
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
