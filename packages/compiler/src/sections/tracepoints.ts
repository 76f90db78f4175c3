import { nearest } from '@tetragon-ts/api/nearest'
import { execTracepointBackend } from '../backends/exec-tracepoint.ts'
import { rawTracepointBackend, tpBtfBackend } from '../backends/raw-tracepoint.ts'
import { tracepointBackend } from '../backends/tracepoint.ts'
import { described, type HookSection } from './section.ts'
import { fieldTypes, rawTypes } from './tracepoint-types.ts'

/** tracepoints: with the fields of their records, or raw with the arguments of the kernel. */
export const tracepointSection: HookSection = {
  event: 'process_tracepoint',
  nameField: 'event',
  memory: 'kernel',
  backends: [execTracepointBackend, tracepointBackend, tpBtfBackend, rawTracepointBackend],
  targets: ({ call }) => [{ shown: call, symbol: call.split('/')[1] }],
  exists({ shown, symbol }, { raw }, kernel) {
    if (raw && kernel.btf.tracepointPrototype(symbol)) return true
    const [group] = shown.split('/')
    // Without tracefs the back end reports the problem.
    return kernel.tracepoints(group).includes(symbol) || kernel.tracepoints().length === 0
  },
  absence: ({ shown }) => `this kernel has no tracepoint ${shown}`,
  nearest({ shown, symbol }, kernel) {
    const [group] = shown.split('/')
    const groups = kernel.tracepoints()
    return groups.includes(group)
      ? nearest(symbol, kernel.tracepoints(group))
      : nearest(group, groups)
  },
  parameters({ call, raw }, btf) {
    if (!raw) return undefined
    return described(btf, btf.tracepointPrototype(call.split('/')[1])?.params)
  },
  resultType: () => undefined,
  inferredTypes: (hook, document, kernel, found) =>
    hook.raw ? rawTypes(hook, kernel.btf) : fieldTypes(hook, document, kernel, found),
  head(_, name) {
    const [subsys, event] = name.split('/')
    return { subsys, event }
  },
}
