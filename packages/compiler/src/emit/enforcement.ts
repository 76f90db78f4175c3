import type { Code, Hook, Int, IntLike } from '@tetragon-ts/ebpf/lang'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import type { Action, Selector } from '@tetragon-ts/policy'
import { enforcementOutcomes } from '@tetragon-ts/sensors/records/hook'
import { isGuarded } from '../actions/guards.ts'
import { enforcementOf } from '../actions/index.ts'
import type { Hit, Verdict } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import type { ProgramCounts } from '../plan/counts.ts'
import type { PlannedHook } from '../plan/plan-hook.ts'

/** A number that a program changes: in a register or in memory. */
export interface Word {
  get(): Int
  set(value: IntLike): void
}

/** State of the enforcing actions of a program, which is also in its record. */
export interface EnforcementWords {
  /** What became of them: of {@link enforcementOutcomes}. */
  readonly outcome: Word
  /** A bit for each of the selector's enforcing actions that the kernel refused. */
  readonly failed: Word
}

/** The words in registers. */
export function enforcementRegisters(k: Code): EnforcementWords {
  const word = (): Word => {
    const variable = k.variable(0)
    return { get: () => variable, set: (value) => variable.set(value) }
  }
  return { outcome: word(), failed: word() }
}

/** The kernel's first process in the pid namespace of the host. */
export const init = 1

/**
 * Executes enforcing actions: all of a selector or none, depending on the policy's mode at this
 * moment. They depend neither on the ring nor on user space.
 */
export class Enforcement {
  readonly #planned: PlannedHook
  readonly #hit: Hit
  readonly #context: HookContext
  readonly #counts: ProgramCounts | undefined
  readonly #words: EnforcementWords

  constructor(
    planned: PlannedHook,
    hit: Hit,
    context: HookContext,
    counts: ProgramCounts | undefined,
    words: EnforcementWords,
  ) {
    this.#planned = planned
    this.#hit = hit
    this.#context = context
    this.#counts = counts
    this.#words = words
  }

  /**
   * Emits the enforcing ones of these actions of a selector that matches.
   * @param uncertain 1 if it is unknown whether the policy applies to the workload
   */
  emit(index: number, actions: readonly Action[], uncertain?: Int | undefined): void {
    const { k, task } = this.#hit
    const enforcing = actions.filter((action) => enforcementOf(action))
    if (enforcing.length === 0) return
    const { unknownWorkloads } = this.#planned.scope.policy.options
    const act = (): void => this.#byMode(index, enforcing)
    const certain = (): void => {
      if (!uncertain || unknownWorkloads === 'enforce') act()
      else k.when(uncertain.eq(0), act)
    }
    const spare = (): void => this.#note(index, enforcing)
    const unguarded = (): void => {
      if (!this.#planned.scope.hasGuards) certain()
      else k.when(isGuarded(this.#hit, this.#context), spare, certain)
    }
    // The current task need not have anything to do with it.
    if (this.#hit.socket) return certain()
    if (namesInit(this.#planned.hook.selectors[index])) unguarded()
    else k.when(task.tgid.ne(init), unguarded)
  }

  /** The fields of the record. */
  get fields() {
    const { outcome, failed } = this.#words
    return { enforcement: { outcome: outcome.get(), failed: failed.get() } }
  }

  #byMode(index: number, actions: readonly Action[]): void {
    const { k } = this.#hit
    const { mode } = this.#context
    const note = (): void => this.#note(index, actions)
    if (!mode || !this.#planned.canEnforce) return note()
    const enforces = k.global(mode).load(4).ne(0)
    k.when(enforces, () => this.#withinLimit(index, actions, mode), note)
  }

  #withinLimit(index: number, actions: readonly Action[], mode: MapSpec): void {
    const { limit } = this.#context
    if (!limit) return this.#execute(index, actions)
    this.#hit.k.when(
      limit.count(this.#hit, mode).ne(0),
      () => this.#execute(index, actions),
      () => {
        this.#words.outcome.set(enforcementOutcomes.limitReached)
        this.#note(index, actions)
      },
    )
  }

  /** Counts what would have been done. */
  #note(index: number, actions: readonly Action[]): void {
    for (const action of actions) {
      const enforcement = enforcementOf(action)
      if (enforcement) this.#counts?.count(this.#hit.k, index, `monitor_${enforcement.counter}`)
    }
  }

  #execute(index: number, actions: readonly Action[]): void {
    const { outcome } = this.#words
    outcome.set(enforcementOutcomes.executed)
    actions.forEach((action, i) => {
      this.#context.at(action.path, () => this.#carryOut(index, action, i))
    })
  }

  #carryOut(index: number, action: Action, i: number): void {
    const { k } = this.#hit
    const enforcement = enforcementOf(action)
    const means = this.#planned.means(action)
    if (!enforcement || !means) return
    const error = means.emit(action, this.#hit, this.#context)
    const count = (): void => this.#counts?.count(k, index, enforcement.counter)
    if (!error) return count()
    k.when(error.eq(0), count, () => {
      const { failed } = this.#words
      failed.set(failed.get().or(1n << BigInt(Math.min(i, 31))))
      this.#context.countLoss('enforcement_failed')
    })
  }
}

/** Whether a selector names the first process of the host, which is spared otherwise. */
function namesInit({ pids }: Selector): boolean {
  return pids.some(
    ({ negated, isNamespacePid, values }) => !negated && !isNamespacePid && values.includes(init),
  )
}

/** The result of a program that decides: what it returns, wherever it ends. */
export function verdictAt(k: Code, { result: passes = 0 }: Pick<Hook, 'result'>): Verdict {
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
