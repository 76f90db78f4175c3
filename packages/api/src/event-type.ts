import { type EventKey, type EventType, eventTable } from './events/event-table.ts'
import type { MessageType } from './message.ts'

/** Name of an event type in filters and flags, such as `PROCESS_EXEC`. */
export type EventTypeName = Exclude<keyof (typeof EventType)['values'], 'UNDEF'>

/** One kind of event under its three names. */
export interface EventKind {
  readonly key: EventKey
  readonly name: EventTypeName
  /** Number in enum EventType, and field number in GetEventsResponse. */
  readonly number: number
  /** Its message. */
  readonly message: MessageType
  /** Whether a process can cause many equal events. */
  readonly repeats: boolean
}

/** All kinds of events, ordered by number. */
export const eventKinds: readonly EventKind[] = (Object.keys(eventTable) as EventKey[])
  .map((key) => ({ ...eventTable[key], key, name: key.toUpperCase() as EventTypeName }))
  .sort((a, b) => a.number - b.number)

const byKey = new Map<string, EventKind>(eventKinds.map((kind) => [kind.key, kind]))
const byName = new Map<string, EventKind>(eventKinds.map((kind) => [kind.name, kind]))
const byNumber = new Map<number, EventKind>(eventKinds.map((kind) => [kind.number, kind]))

/** Finds a kind by its JSON key (`process_exec`), name (`PROCESS_EXEC`) or number (1). */
export function findEventKind(id: string | number): EventKind | undefined {
  return typeof id === 'number' ? byNumber.get(id) : (byKey.get(id) ?? byName.get(id))
}
