import type { Code, Hook, Int } from '@tetragon-ts/ebpf/lang'
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
    const error = refusalsOfUnread(planned).find((each) => each !== undefined)
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

/**
 * Refuses a hit of which something cannot be read.
 * @param uncertain 1 if it is unknown whether the policy applies to the workload
 */
export function refuseUnread(
  planned: PlannedHook,
  { k, task, verdict, ...hit }: Hit,
  error: number,
  uncertain: Int | undefined,
): void {
  const { scope } = planned
  const { mode } = scope
  if (!verdict || !mode) return
  const refuse = (): void => verdict.refuse(error)
  const isMeant = uncertain && scope.policy.options.unknownWorkloads !== 'enforce'
  const certain = (): void => (isMeant ? k.when(uncertain.eq(0), refuse) : refuse())
  const enforces = k.global(mode).load(4).ne(0)
  if (hit.socket) return k.when(enforces, certain)
  const isSubject = enforces.and(() => task.tgid.ne(init))
  const isGuard = () => isGuarded({ ...hit, k, task }, scope)
  k.when(scope.hasGuards ? isSubject.and(() => isGuard().not()) : isSubject, certain)
}

/**
 * The errors with which selectors refuse a hit of which something cannot be read, by index;
 * undefined: the operation may pass.
 */
export function refusalsOfUnread({
  hook,
  scope,
  canEnforce,
}: PlannedHook): readonly (number | undefined)[] {
  const mayPass = !canEnforce || scope.policy.options.unreadableArguments === 'allow'
  return hook.selectors.map(({ actions }) => {
    const errors = actions.flatMap((action) => enforcementOf(action)?.details(action).error ?? [])
    return mayPass ? undefined : errors[0]
  })
}
