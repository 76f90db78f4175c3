import type { MessageType } from './message.ts'
import { type EventKey, type EventType, eventTable } from './messages/event.ts'

/** Name of an event type as filters and flags spell it, such as `PROCESS_EXEC`. */
export type EventTypeName = Exclude<keyof (typeof EventType)['values'], 'UNDEF'>

/** One kind of event under its three names. */
export interface EventKind {
  readonly key: EventKey
  readonly name: EventTypeName
  /** Number in enum EventType, and field number in GetEventsResponse. */
  readonly number: number
  /** The message that it holds. */
  readonly message: MessageType
  /** Whether one process can cause it many times in the same way. */
  readonly repeats: boolean
}

/** Every kind of event, in the order of their numbers. */
export const eventKinds: readonly EventKind[] = (Object.keys(eventTable) as EventKey[])
  .map((key) => ({ ...eventTable[key], key, name: key.toUpperCase() as EventTypeName }))
  .sort((a, b) => a.number - b.number)

const byKey = new Map<string, EventKind>(eventKinds.map((kind) => [kind.key, kind]))
const byName = new Map<string, EventKind>(eventKinds.map((kind) => [kind.name, kind]))
const byNumber = new Map<number, EventKind>(eventKinds.map((kind) => [kind.number, kind]))

/** Finds a kind by its JSON key (`process_exec`), its name (`PROCESS_EXEC`) or its number (1). */
export function findEventKind(id: string | number): EventKind | undefined {
  return typeof id === 'number' ? byNumber.get(id) : (byKey.get(id) ?? byName.get(id))
}
