import { findingLevels } from '@tetragon-ts/api'
import type { PairCounts } from '../store/event-segment.ts'
import type { EventStore } from '../store/event-store.ts'
import { isIn, type Span } from '../store/span.ts'
import { countedFields, type FieldNames, NameCounts } from '../summaries/name-counts.ts'
import { WorkSlices } from './work-slices.ts'

/** Without a selected span, what happened in this time is compared with what was before, in ms. */
const recentMs = 5 * 60_000
const rulesMax = 50
const levels: readonly string[] = findingLevels

/** Events with a finding of a detection rule. */
export interface RuleCount {
  readonly level: string
  /** Titles of rules. */
  readonly rule: string
  readonly count: number
}

/** What the events of a span are about. */
export interface Overview {
  /** Undefined: all kept events. */
  readonly span: Span | undefined
  readonly events: number
  /** Values that no event before this time has are new, in milliseconds since 1970. */
  readonly newSince: number
  readonly rules: readonly RuleCount[]
  readonly fields: readonly FieldNames[]
}

/**
 * Counts what the kept events of a span are about.
 * @param lastTime time of the last event, in milliseconds since 1970
 * @returns undefined: it is not wanted any more
 */
export async function overviewOf(
  store: EventStore,
  span: Span | undefined,
  lastTime: number,
  isWanted: () => boolean,
): Promise<Overview | undefined> {
  const newSince = span?.from ?? lastTime - recentMs
  const isBefore = (time: number): boolean => time < newSince
  const isSince = (time: number): boolean => !isBefore(time) && isIn(span, time)
  const fields = countedFields.map((field) => ({ field, counts: new NameCounts() }))
  const rules = new Map<string, Map<string, number>>()
  let [before, since] = [0, 0]
  const slices = new WorkSlices()
  for (const segment of store.segments) {
    await slices.pause()
    if (!isWanted()) return undefined
    const [indicesBefore, indicesSince] = [segment.indices(isBefore), segment.indices(isSince)]
    before += indicesBefore.length
    since += indicesSince.length
    for (const { field, counts } of fields) {
      segment.countBy(field, indicesBefore, counts.before)
      segment.countBy(field, indicesSince, counts.since)
      counts.limit()
    }
    segment.countPairs(['level', 'rule'], (index) => isIn(span, segment.timeOf(index)), rules)
  }
  const isAll = span === undefined
  return {
    span,
    events: since + (isAll ? before : 0),
    newSince,
    rules: listRules(rules),
    fields: fields.map(({ field, counts }) => counts.summary(field, isAll)),
  }
}

/** Rules that matched, those of the highest level first. */
function listRules(counts: PairCounts): RuleCount[] {
  return (
    [...counts]
      .filter(([level]) => level !== '')
      .flatMap(([level, rules]) => [...rules].map(([rule, count]) => ({ level, rule, count })))
      // Events of policies with a level have no rule.
      .filter(({ rule }) => rule !== '')
      .sort((a, b) => rank(b.level) - rank(a.level) || b.count - a.count)
      .slice(0, rulesMax)
  )
}

function rank(level: string): number {
  return levels.indexOf(level)
}
