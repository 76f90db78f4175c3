import { counter } from '@tetragon-ts/service/metrics'
import type { EventLabels } from '../../../processes/process.ts'
import type { Collector } from '../metric-source.ts'

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
    const values = ({ namespace, workload, pod, binary }: EventLabels) =>
      [namespace, workload, pod, binary, nodeName] as const
    for (const [type, of, count] of counted.events) emit(events, count, type, ...values(of))
    for (const [policy, hook, of, count] of counted.policyEvents) {
      emit(policyEvents, count, policy, hook, ...values(of))
    }
    for (const [name, of, count] of counted.syscalls) emit(syscalls, count, name, ...values(of))
  },
}
