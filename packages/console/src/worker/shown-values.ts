import type { EventStore } from '../store/event-store.ts'
import { type CountedField, type FieldNames, NameCounts } from '../summaries/name-counts.ts'
import { WorkSlices } from './work-slices.ts'

/** Fields whose values narrow a list. */
const fields = ['binary', 'user', 'pod', 'container', 'policy'] as const satisfies CountedField[]

/** The most frequent values of the events of the list. */
export interface ShownValues {
  readonly events: number
  readonly fields: readonly FieldNames[]
}

/**
 * Counts the values of the events that the filter shows.
 * @param until number of the last event; undefined: all that are shown now
 * @param isWanted asked after each slice
 * @returns undefined: they are not wanted any more
 */
export async function shownValues(
  store: EventStore,
  until = Number.POSITIVE_INFINITY,
  isWanted: () => boolean = () => true,
  slices = new WorkSlices(),
): Promise<ShownValues | undefined> {
  const counted = fields.map((field) => ({ field, counts: new NameCounts() }))
  let events = 0
  for (const segment of store.segments) {
    await slices.pause()
    if (!isWanted()) return undefined
    const indices = segment.shown.filter((index) => segment.first + index <= until)
    events += indices.length
    for (const { field, counts } of counted) {
      segment.countBy(field, indices, counts.since)
      counts.limit()
    }
  }
  return { events, fields: counted.map(({ field, counts }) => counts.summary(field, false)) }
}
