import { findingLevels } from '@tetragon-ts/api'
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
  const fields = countedFields.map((field) => ({ field, counts: new NameCounts() }))
  const { segments } = store
  const slices = new WorkSlices()
  const count = async (
    accepts: (time: number) => boolean,
    into: 'before' | 'within',
  ): Promise<number | undefined> => {
    let events = 0
    for (const segment of segments) {
      await slices.pause()
      if (!isWanted()) return undefined
      const indices = segment.indices(accepts)
      events += indices.length
      for (const { field, counts } of fields) {
        segment.countBy(field, indices, counts[into])
        counts.limit()
      }
    }
    return events
  }
  const earlier = await count((time) => time < newSince, 'before')
  if (span === undefined) for (const { counts } of fields) counts.includeBefore()
  const later = await count((time) => time >= newSince && isIn(span, time), 'within')
  if (earlier === undefined || later === undefined) return undefined
  return {
    span,
    events: later + (span === undefined ? earlier : 0),
    newSince,
    rules: rulesOf(store, span),
    fields: fields.map(({ field, counts }) => counts.summary(field, earlier > 0)),
  }
}

/** Rules that matched, those of the highest level first. */
function rulesOf(store: EventStore, span: Span | undefined): RuleCount[] {
  return [...store.countPairs(['level', 'rule'], span)]
    .filter(([level]) => level !== '')
    .flatMap(([level, rules]) => [...rules].map(([rule, count]) => ({ level, rule, count })))
    .sort((a, b) => rank(b.level) - rank(a.level) || b.count - a.count)
    .slice(0, rulesMax)
}

function rank(level: string): number {
  return levels.indexOf(level)
}
