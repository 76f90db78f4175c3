import { type Code, tpBtf } from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import { type Raw, untrusted } from '../../hook/hit.ts'
import { byKernel, type Refusal } from '../../hook/refusal.ts'
import type { KernelView } from '../../hook-plans/kernel-view.ts'
import type { EquivalentPlan } from './equivalent.ts'

/**
 * A plan for a tracepoint as the equivalent of a function, or why there is none.
 * @param see maps the tracepoint's arguments to the function's parameters, by position
 */
export function atTracepoint(
  event: string,
  kernel: KernelView,
  parameters: readonly number[],
  see: (k: Code, args: readonly Raw[]) => readonly (Raw | undefined)[],
): EquivalentPlan | Refusal {
  const refused = kernel.refuses('tp_btf')
  if (refused) return refused
  if (!kernel.btf.tracepointPrototype(event)) return byKernel(`no tracepoint ${event}`)
  return {
    enter: [
      {
        hook: tpBtf(event),
        hit(k, args) {
          const seen = see(
            k,
            (args as Raw[]).map((raw) => untrusted(k, raw)),
          )
          return { k, task: currentTask(k), functionIndex: 0, parameter: (index) => seen[index] }
        },
      },
    ],
    parameters,
  }
}
