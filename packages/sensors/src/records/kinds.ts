import { type EventKey, eventTable } from '@tetragon-ts/api'

/** Events that have a record of their own. */
type OwnKey = {
  [K in EventKey]: (typeof eventTable)[K]['records'] extends 'own' ? K : never
}[EventKey]

/** The short name of a kind of event: `exec` for `process_exec`. */
type ShortName<K extends string> = K extends `process_${infer Name}` ? Name : K

/** Records of events: their kind is the event's number, which must be below `otherKinds`. */
const eventRecords = Object.fromEntries(
  Object.entries(eventTable).flatMap(([key, { number, records }]) =>
    records === 'own' ? [[key.replace(/^process_/, ''), number]] : [],
  ),
) as Record<ShortName<OwnKey>, number>

/** First number of records that are not events. */
const otherKinds = 128

/** First byte of every record in the ring: the kind of the record. */
export const recordKind = {
  ...eventRecords,
  fork: otherKinds,
  running: otherKinds + 1,
  data: otherKinds + 2,
  hook: otherKinds + 3,
  hookPiece: otherKinds + 4,
  forget: otherKinds + 5,
  group: otherKinds + 6,
  unlisted: otherKinds + 7,
} as const

/** The kind of a record from its first word, which in hook records has other fields too. */
export function kindOf(word: number): number {
  return word & 0xff
}
