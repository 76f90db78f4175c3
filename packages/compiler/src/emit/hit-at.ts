import type { Code, Hook } from '@tetragon-ts/ebpf/lang'
import { isGuarded } from '../actions/guards.ts'
import { enforcementOf } from '../actions/index.ts'
import type { Hit, Verdict } from '../hook/hit.ts'
import type { Placement } from '../hook-plans/hook-plan.ts'
import type { PlannedHook } from '../plan/plan-hook.ts'
import { init } from './enforcement.ts'

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
  const verdict = planned.plan.resultDecides ? verdictAt(k, placement.hook) : undefined
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

/** The result of a program that decides: what it returns, wherever it ends. */
function verdictAt(k: Code, { result: passes = 0 }: Pick<Hook, 'result'>): Verdict {
  const result = k.variable(passes)
  // Programs at cgroups return 1 to let an operation through, and 0 to refuse it with EPERM.
  const refusal = passes === 0 ? undefined : 0
  k.setResult(result)
  return { refuse: (error) => result.set(refusal ?? error) }
}

/** Without memory an enforcing program cannot read what it tests: the operation does not pass. */
export function refuseUnread(planned: PlannedHook, hit: Hit): void {
  const { k, task, verdict } = hit
  const { scope } = planned
  const { mode } = scope
  const error = refusalOfUnread(planned)
  if (!verdict || !mode || error === undefined) return
  const enforces = k.global(mode).load(4).ne(0)
  if (hit.socket) return k.when(enforces, () => verdict.refuse(error))
  const isSubject = enforces.and(() => task.tgid.ne(init))
  const isGuard = () => isGuarded(hit, scope)
  k.when(scope.hasGuards ? isSubject.and(() => isGuard().not()) : isSubject, () =>
    verdict.refuse(error),
  )
}

/** The error for a hit of which something cannot be read; undefined if the operation may pass. */
function refusalOfUnread({ hook, scope, canEnforce }: PlannedHook): number | undefined {
  if (!canEnforce || scope.policy.options.unreadableArguments === 'allow') return undefined
  const all = hook.selectors.flatMap(({ actions }) => actions)
  const [error] = all.flatMap((action) => enforcementOf(action)?.details(action).error ?? [])
  return error
}
