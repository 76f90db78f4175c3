import type { Code } from '@tetragon-ts/ebpf/lang'
import { enforcementOf } from '../actions/index.ts'
import type { Hit } from '../hook/hit.ts'
import { Verdict } from '../hook/verdict.ts'
import type { Placement } from '../hook-plans/hook-plan.ts'
import type { PlannedHook } from '../plan/plan-hook.ts'

/**
 * The hit of a program, with its verdict if the program decides. If the task cannot be found, the
 * operation does not pass.
 */
export function hitAt(
  k: Code,
  planned: PlannedHook,
  placement: Placement,
  args: readonly unknown[],
): Hit {
  const verdict = planned.plan.resultDecides ? new Verdict(k, placement.hook) : undefined
  const hit = placement.hit(k, args, () => {
    const { mode } = planned.scope
    const error = refusalOfUnread(planned)
    if (verdict && mode && error !== undefined) {
      k.when(k.global(mode).load(4).ne(0), () => verdict.refuse(error))
    }
    k.exit()
  })
  return verdict ? { ...hit, verdict } : hit
}

/** The error for a hit of which something cannot be read; undefined if the operation may pass. */
export function refusalOfUnread({ hook, scope, canEnforce }: PlannedHook): number | undefined {
  if (!canEnforce || scope.policy.options.unreadableArguments === 'allow') return undefined
  const all = hook.selectors.flatMap(({ actions }) => actions)
  const [error] = all.flatMap((action) => enforcementOf(action)?.details(action).error ?? [])
  return error
}
