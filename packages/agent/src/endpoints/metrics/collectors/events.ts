import { type Collector, counter } from '../metric.ts'

// Events are not counted by pod: the labels of pods are empty, which equals no label.
const labels = ['namespace', 'workload', 'pod', 'binary', 'node_name'] as const

const events = counter('tetragon_events_total', 'Events, by type', 'type', ...labels)
const policyEvents = counter(
  'tetragon_policy_events_total',
  'Policy events, by policy and hook',
  ...['policy', 'hook', ...labels],
)
const syscalls = counter(
  'tetragon_syscalls_total',
  'System calls seen at raw_syscalls/sys_enter',
  ...['syscall', ...labels],
)

/** Metrics of `--enable-event-metrics`. */
export const eventCollector: Collector = {
  metrics: [events, policyEvents, syscalls],
  collect({ totals, nodeName }, emit) {
    const counted = totals.events
    if (counted === undefined) return
    const rest = (binary: string) => ['', '', '', binary, nodeName]
    for (const [type, binary, count] of counted.events) {
      emit(events, count, type, ...rest(binary))
    }
    for (const [policy, hook, binary, count] of counted.policyEvents) {
      emit(policyEvents, count, policy, hook, ...rest(binary))
    }
    for (const [name, binary, count] of counted.syscalls) {
      emit(syscalls, count, name, ...rest(binary))
    }
  },
}
