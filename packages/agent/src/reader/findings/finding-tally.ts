import type { RuleHead } from '@tetragon-ts/rules'
import type { FindingCount, FindingTotals } from './finding-totals.ts'
import { type FoldedFinding, Repeats } from './repeats.ts'

/** Maximum number of rules that are counted by name. */
const countedMax = 20_000

/** A finding of a rule. */
interface Reported extends Pick<FoldedFinding, 'lineage' | 'origin' | 'says'> {
  readonly rule: RuleHead
}

type Count = { -readonly [K in keyof FindingCount]: FindingCount[K] }

/** Counts findings, and folds repeats. It outlives a change of the rules. */
export class FindingTally {
  readonly #repeats: Repeats
  readonly #counts = new Map<string, Count>()
  /** Matches that a filter excepts. */
  excepted = 0
  /** Findings that an event had no room for. */
  omitted = 0
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
  count(rule: RuleHead): void {
    const key = keyOf(rule)
    const count = this.#counts.get(key)
    if (count !== undefined) count.count++
    else if (this.#counts.size < countedMax) {
      this.#counts.set(key, { id: key, rule: rule.title, level: rule.level ?? '', count: 1 })
    }
  }

  /**
   * Reports a finding that an event has room for.
   * @returns how many were folded since the last one; undefined: this one is folded, too
   */
  report({ rule, lineage, origin, says }: Reported, timeMs: number): number | undefined {
    const isCritical = rule.level === 'critical'
    return this.#repeats.report({ rule: keyOf(rule), isCritical, lineage, origin, says }, timeMs)
  }

  /** Counts since the start. */
  get totals(): FindingTotals {
    const { excepted, omitted, failed, unmatched, early } = this
    const rules = [...this.#counts.values()].map((each) => ({ ...each }))
    return { rules, excepted, omitted, failed, unmatched, early, folded: this.#repeats.folded }
  }
}

function keyOf({ id, title }: RuleHead): string {
  return id ?? title
}
