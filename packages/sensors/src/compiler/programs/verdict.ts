import type { Code, Hook, Variable } from '@tetragon-ts/ebpf/lang'
import { enforcementOf } from '../actions/index.ts'
import type { Placement } from '../backends/backend.ts'
import type { Hit } from '../hit.ts'
import type { PlannedHook } from '../plan-hook.ts'

/** The result of a program that decides: what it returns, wherever it ends. */
export class Verdict {
  readonly #result: Variable
  readonly #refusal: number | undefined

  constructor(k: Code, { result = 0 }: Pick<Hook, 'result'>) {
    this.#result = k.variable(result)
    // Programs at cgroups return 1 to let an operation through, and 0 to refuse it with EPERM.
    this.#refusal = result === 0 ? undefined : 0
    k.setResult(this.#result)
  }

  /** @param error negative error number for the caller, where the program can choose it */
  refuse(error: number): void {
    this.#result.set(this.#refusal ?? error)
  }
}

/**
 * The hit of a program, with its verdict if the program decides. Where the task cannot be found the
 * operation does not pass.
 */
export function hitAt(
  k: Code,
  planned: PlannedHook,
  placement: Placement,
  args: readonly unknown[],
): Hit {
  const verdict = planned.plan.decides ? new Verdict(k, placement.hook) : undefined
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
