import { rawTracepoint, tpBtf } from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import { type Raw, untrusted } from '../hook/hit.ts'
import { byKernel, byPolicy } from '../hook/refusal.ts'
import type { Backend } from '../hook-plans/backend.ts'
import { type HookPlan, type Placement, positions } from '../hook-plans/hook-plan.ts'
import { namesOf } from '../hook-plans/hook-target.ts'

/** Raw tracepoints with typed arguments. */
export const tpBtfBackend: Backend = rawBackend('tp_btf', 'typed arguments', tpBtf)

/** Raw tracepoints; members are read with probe reads. */
export const rawTracepointBackend: Backend = rawBackend(
  'raw_tp',
  'arguments as the kernel passes them',
  rawTracepoint,
)

function rawBackend(
  name: 'tp_btf' | 'raw_tp',
  why: string,
  place: (event: string) => Placement['hook'],
): Backend {
  return {
    name,
    plan(target, kernel) {
      const isRaw =
        target.section === 'processes' || (target.section === 'tracepoints' && target.raw)
      if (!isRaw) return byPolicy('only for raw tracepoints')
      const refused = kernel.refuses(name)
      if (refused) return refused
      const [{ symbol }] = target.functions
      const prototype = kernel.btf.tracepointPrototype(symbol)
      if (!prototype) return byKernel(`no tracepoint ${symbol} in the kernel's types`)
      const enter: Placement = {
        hook: place(symbol),
        hit: (k, args) => ({
          k,
          task: currentTask(k),
          functionIndex: 0,
          parameter: (index) => (index in args ? untrusted(k, args[index] as Raw) : undefined),
        }),
      }
      return {
        backend: name,
        why,
        enter: [enter],
        leave: [],
        parameters: positions(prototype.params.length),
        functionNames: namesOf(target),
      } satisfies HookPlan
    },
  }
}
