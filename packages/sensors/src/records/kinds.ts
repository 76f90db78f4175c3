import { type EventKey, eventTable } from '@tetragon-ts/api'

/** Events that have a record of their own. */
type OwnKey = {
  [K in EventKey]: (typeof eventTable)[K] extends { readonly ownRecord: true } ? K : never
}[EventKey]

/** The short name of a kind of event: `exec` for `process_exec`. */
type ShortName<K extends string> = K extends `process_${infer Name}` ? Name : K

/** First number of records that are not events. */
const otherKinds = 128

/** Records of events: their kind is the number of the event, which must fit into a byte. */
const eventRecords = Object.fromEntries(
  Object.entries(eventTable).flatMap(([key, event]) => {
    if (!('ownRecord' in event)) return []
    if (event.number >= otherKinds) throw new Error(`event ${key}: no record can have its number`)
    return [[key.replace(/^process_/, ''), event.number]]
  }),
) as Record<ShortName<OwnKey>, number>

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
  groupEnd: otherKinds + 8,
  refusals: otherKinds + 9,
  backlog: otherKinds + 10,
} as const

/** The kind of a record from its first word, which in hook records has other fields too. */
export function kindOf(word: number): number {
  return word & 0xff
}
