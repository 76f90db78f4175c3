import { tpBtfBackend } from '../backends/raw-tracepoint.ts'
import type { HookSection } from './section.ts'

const symbol = 'sched_process_exec'

/** processes: filters of process events, which decide at each exec and have no events. */
export const processSection: HookSection = {
  event: 'process_tracepoint',
  nameField: 'event',
  memory: 'kernel',
  backends: [tpBtfBackend],
  targets: ({ call }) => [{ shown: call, symbol }],
  exists: (_, __, kernel) => kernel.btf.tracepointPrototype(symbol) !== undefined,
  absence: () => `this kernel has no tracepoint ${symbol}`,
  nearest: () => undefined,
  parameters: () => undefined,
  resultType: () => undefined,
  head: (_, name) => ({ event: name }),
}
