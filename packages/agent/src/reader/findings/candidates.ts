import { type Finding, findingLevels } from '@tetragon-ts/api'
import type { RuleHead } from '@tetragon-ts/rules'
import type { EventTime } from './event-time.ts'
import { type FindingDetail, findingOf, findingsMember } from './finding-json.ts'
import type { FindingTally } from './finding-tally.ts'

/** Maximum number of findings in an event: those of the highest levels. */
const findingsMax = 16
const levels: readonly (string | undefined)[] = findingLevels

/** A finding that is reported if the event has room for it, and if it repeats no other. */
export interface Candidate {
  readonly rule: RuleHead
  /** What repeats have in common, besides the rule. */
  readonly lineage: string
  /** Container or user. */
  readonly origin: string
  /** What the finding is about. */
  readonly says: string
  readonly detail: () => Omit<FindingDetail, 'repeated'>
}

/**
 * The member of an event with the most important of its findings; empty if there are none. Those
 * that it has no room for cost little, and do not fold later ones.
 */
export function chosenFindings(
  candidates: readonly Candidate[],
  tally: FindingTally,
  time: EventTime,
): string {
  if (candidates.length === 0) return ''
  for (const { rule } of candidates) tally.count(rule, time)
  const findings: Finding[] = []
  const sorted = candidates.toSorted((a, b) => rank(b) - rank(a))
  for (const [i, candidate] of sorted.entries()) {
    const { rule, detail } = candidate
    if (findings.length === findingsMax) {
      for (const { rule } of sorted.slice(i)) tally.omit(rule)
      break
    }
    const repeated = tally.report(candidate, time)
    if (repeated !== undefined) findings.push(findingOf(rule, { ...detail(), repeated }))
  }
  return findings.length === 0 ? '' : findingsMember(findings)
}

/** Index of the level; -1: the rule has none. */
function rank({ rule }: Candidate): number {
  return levels.indexOf(rule.level)
}
