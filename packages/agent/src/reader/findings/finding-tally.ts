import { type RuleFilter, type RuleHead, ruleKey } from '@tetragon-ts/rules'
import type { EventTime } from './event-time.ts'
import type { ExceptedCount, FindingCount, FindingTotals } from './finding-totals.ts'
import { type FoldedFinding, Repeats } from './repeats.ts'

/** Maximum number of rules that are counted by name. */
const countedMax = 20_000
/** Maximum number of filters that are counted for a rule. */
const filtersMax = 100

/** A finding of a rule. */
interface Reported extends Pick<FoldedFinding, 'lineage' | 'origin' | 'says'> {
  readonly rule: RuleHead
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type RuleCount = Omit<Writable<FindingCount>, 'excepted'> & {
  readonly excepted: Map<string, Writable<ExceptedCount>>
}

/** Counts findings, and folds repeats. It outlives a change of the rules. */
export class FindingTally {
  readonly #repeats: Repeats
  readonly #counts = new Map<string, RuleCount>()
  /** Matches that a filter excepts. */
  #excepted = 0
  /** Findings that an event had no room for. */
  #omitted = 0
  /** Events on which a rule failed. */
  failed = 0
  /** Events of policies for rules that no rule matched. */
  unmatched = 0
  /** Events that were written before the first rules were in force. */
  early = 0

  /** @param perMinute findings of a rule for a container or user in a minute */
  constructor(perMinute?: number) {
    this.#repeats = new Repeats(perMinute)
  }

  /** Counts a finding, whether or not it is reported. */
  count(rule: RuleHead, time: EventTime): void {
    const count = this.#countOf(rule)
    if (count === undefined) return
    count.count++
    count.lastMs = time.wallMs
  }

  /** Counts a match that a filter excepts. */
  except(rule: RuleHead, filter: RuleFilter, time: EventTime): void {
    this.#excepted++
    const counts = this.#countOf(rule)?.excepted
    const key = ruleKey(filter)
    const known = counts?.get(key)
    if (known !== undefined) {
      known.count++
      known.lastMs = time.wallMs
    } else if (counts !== undefined && counts.size < filtersMax) {
      counts.set(key, { filter: key, count: 1, lastMs: time.wallMs })
    }
  }

  /** Counts a finding that an event had no room for. */
  omit(rule: RuleHead): void {
    this.#omitted++
    const count = this.#countOf(rule)
    if (count !== undefined) count.omitted++
  }

  /**
   * Reports a finding that an event has room for.
   * @returns how many were folded since the last one; undefined: this one is folded, too
   */
  report({ rule, lineage, origin, says }: Reported, time: EventTime): number | undefined {
    const isCritical = rule.level === 'critical'
    const finding = { rule: ruleKey(rule), isCritical, lineage, origin, says }
    const repeated = this.#repeats.report(finding, time.bootMs)
    if (repeated === undefined) {
      const count = this.#countOf(rule)
      if (count !== undefined) count.folded++
    }
    return repeated
  }

  /** Undefined: too many others are counted. */
  #countOf(rule: RuleHead): RuleCount | undefined {
    const key = ruleKey(rule)
    const known = this.#counts.get(key)
    if (known !== undefined || this.#counts.size >= countedMax) return known
    const head = { id: key, rule: rule.title, level: rule.level ?? '' }
    const count = { ...head, count: 0, folded: 0, omitted: 0, lastMs: 0, excepted: new Map() }
    this.#counts.set(key, count)
    return count
  }

  /** Counts since the start. */
  get totals(): Omit<FindingTotals, 'evaluations'> {
    const { failed, unmatched, early } = this
    const rules = [...this.#counts.values()].map((each): FindingCount => {
      return { ...each, excepted: [...each.excepted.values()].map((one) => ({ ...one })) }
    })
    const whole = { excepted: this.#excepted, omitted: this.#omitted, folded: this.#repeats.folded }
    return { rules, ...whole, failed, unmatched, early }
  }
}
