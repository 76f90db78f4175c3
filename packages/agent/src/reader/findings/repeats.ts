import { Remembered } from './remembered.ts'

/** How long findings are folded, in milliseconds. */
const foldedMs = 60_000
/** Maximum number of different findings of a rule and lineage in that time. */
const differentMax = 10

/** Findings of a rule for a container, or for a user outside of containers, in that time. */
const usualCount = 20
/** Critical rules may have more; all containers and users together, too. */
const criticalFactor = 5
const allFactor = 10

/** A finding, as far as folding is concerned. */
export interface FoldedFinding {
  readonly rule: string
  readonly isCritical: boolean
  /** What repeats have in common, besides the rule: usually the parent. */
  readonly lineage: string
  /** Container or user. */
  readonly origin: string
  /** What the finding is about. */
  readonly says: string
}

interface Reports {
  /** When the first one was reported. */
  at: number
  count: number
  /** What they were about. */
  readonly different: Set<string>
  /** How many were left out since the last report. */
  repeated: number
}

/**
 * Folds findings within a minute: of a rule and lineage equal ones are reported once, and ten
 * different ones. Processes that each have a parent of their own reach the limits of the container
 * or user, and with many of these the limit of the rule. Rules have their own limits, so that one
 * never hides another. A report has the number of those left out before it. Repeats forgotten for
 * lack of room is reported again.
 */
export class Repeats {
  readonly #lineages = new Remembered<Reports>()
  readonly #origins = new Remembered<Reports>()
  readonly #rules = new Remembered<Reports>()
  readonly #perMinute: number
  /** Findings that were left out. */
  folded = 0

  /** @param perMinute findings of a rule for a container or user in a minute */
  constructor(perMinute = usualCount) {
    this.#perMinute = perMinute
  }

  /** @returns how many were left out since the last report; undefined: this one is left out */
  report(finding: FoldedFinding, now: number): number | undefined {
    const { rule, isCritical, lineage, origin, says } = finding
    const most = this.#perMinute * (isCritical ? criticalFactor : 1)
    const ofRule = recent(this.#rules, rule, now)
    const ofOrigin = recent(this.#origins, `${rule} ${origin}`, now)
    const lineageKey = `${rule} ${lineage}`
    const known = this.#lineages.get(lineageKey)
    if (known !== undefined && now - known.at < foldedMs) {
      const { different } = known
      if (different.has(says) || different.size >= differentMax) return this.#fold(known)
    }
    if (ofOrigin.count >= most) return this.#fold(ofOrigin)
    if (ofRule.count >= most * allFactor) return this.#fold(ofRule)
    const ofLineage = recent(this.#lineages, lineageKey, now)
    ofLineage.different.add(says)
    let repeated = 0
    for (const each of [ofLineage, ofOrigin, ofRule]) {
      each.count++
      repeated += each.repeated
      each.repeated = 0
    }
    return repeated
  }

  #fold(reports: Reports): undefined {
    reports.repeated++
    this.folded++
  }
}

/** Reports with a key, without those that are over. */
function recent(remembered: Remembered<Reports>, key: string, now: number): Reports {
  const last = remembered.get(key)
  if (last !== undefined && now - last.at < foldedMs) return last
  const next = { at: now, count: 0, different: new Set<string>(), repeated: last?.repeated ?? 0 }
  remembered.set(key, next)
  return next
}
