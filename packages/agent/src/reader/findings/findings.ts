import type { Process } from '../../processes/process.ts'
import { RuleActions } from '../../rules/rule-actions.ts'
import type { EventTime } from './event-time.ts'
import { FindingTally } from './finding-tally.ts'
import type { FindingTotals } from './finding-totals.ts'
import { HooksForRules, type ObservedHook } from './hooks-for-rules.ts'
import type { LoadedRules } from './load-rules.ts'
import type { Acting, ProcessSource, RuleEvaluator } from './rule-evaluator.ts'

/** What detection rules find in events as they are written. Their code is loaded with the rules. */
export class Findings {
  /** Undefined: there are no rules. */
  #rules: RuleEvaluator | undefined
  #isExpected = false
  readonly #tally: FindingTally
  readonly #jsonOf: (process: Process) => string
  /** Hooks of policies that are loaded for rules. */
  readonly hooks = new HooksForRules()
  /** Actions of rules that are in force. */
  readonly actions = new RuleActions()

  /**
   * @param jsonOf event JSON of a process
   * @param perMinute findings of a rule for a container or user in a minute
   */
  constructor(jsonOf: (process: Process) => string, perMinute?: number) {
    this.#jsonOf = jsonOf
    this.#tally = new FindingTally(perMinute)
  }

  /** There will be rules: until then, events that they cannot evaluate are counted. */
  expect(): void {
    this.#isExpected = true
  }

  /** Replaces the rules. Counts of correlations are forgotten; repeats stay folded. */
  use(loaded: LoadedRules | undefined): void {
    this.#isExpected = false
    this.#rules = loaded?.open(this.#tally, this.#jsonOf, this.hooks, this.actions)
  }

  /** Whether there are rules, or will be. */
  get isOn(): boolean {
    return this.#rules !== undefined || this.#isExpected
  }

  /** Events that were written before the first rules were in force. */
  get early(): number {
    return this.#tally.early
  }

  /** Counts since the start. */
  get totals(): FindingTotals {
    return { ...this.#tally.totals, evaluations: this.#rules?.evaluations ?? [] }
  }

  /**
   * Records were lost: correlations that include this time are uncertain.
   * @param timeMs milliseconds since boot
   */
  noteLoss(timeMs: number): void {
    this.#rules?.noteLoss(timeMs)
  }

  /** The workload of a process has changed. */
  forget(process: Process): void {
    this.#rules?.forget(process)
  }

  /**
   * Findings on the start or end of a program.
   * @returns the member of the event; empty if there are none
   */
  ofProcess(source: ProcessSource, acting: Acting, time: EventTime): string {
    if (this.#rules === undefined) return this.#tooEarly()
    try {
      return this.#rules.ofProcess(source, acting, time)
    } catch {
      return this.#failed()
    }
  }

  /**
   * Findings on an event of a hook.
   * @param index of the function
   * @param json the event without node and time
   * @returns the member of the event; empty if there are none
   */
  ofHook(
    hook: ObservedHook,
    index: number,
    json: () => string,
    acting: Acting,
    time: EventTime,
  ): string {
    if (this.#rules === undefined) return this.#tooEarly()
    try {
      return this.#rules.ofHook(hook, index, json, acting, time)
    } catch {
      return this.#failed()
    }
  }

  /** An event of a policy for rules had no finding, and was dropped. */
  noteUnmatched(): void {
    this.#tally.unmatched++
  }

  #tooEarly(): string {
    if (this.#isExpected) this.#tally.early++
    return ''
  }

  /** A rule that fails on what some process does must not end the reader; it is counted. */
  #failed(): string {
    this.#tally.failed++
    return ''
  }
}
