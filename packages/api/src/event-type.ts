import type { MessageType } from './message.ts'
import { EventType } from './messages/enums.ts'
import * as messages from './messages/event.ts'

/** JSON key of an event in GetEventsResponse, such as `process_exec`. */
export type EventKey =
  | 'process_exec'
  | 'process_exit'
  | 'process_kprobe'
  | 'process_tracepoint'
  | 'process_loader'
  | 'process_uprobe'
  | 'process_throttle'
  | 'process_lsm'
  | 'process_usdt'
  | 'test'
  | 'rate_limit_info'

/** Name of an event type as filters and flags spell it, such as `PROCESS_EXEC`. */
export type EventTypeName = Exclude<keyof (typeof EventType)['values'], 'UNDEF'>

/** One kind of event under its three names. */
export interface EventKind {
  readonly key: EventKey
  readonly name: EventTypeName
  /** Number in enum EventType, and field number in GetEventsResponse. */
  readonly number: number
}

/** Every kind of event, in the order of their numbers. */
export const eventKinds: readonly EventKind[] = Object.entries(EventType.values)
  .filter(([name]) => name !== 'UNDEF')
  .map(([name, number]) => ({
    key: name.toLowerCase() as EventKey,
    name: name as EventTypeName,
    number,
  }))

const byKey = new Map<string, EventKind>(eventKinds.map((kind) => [kind.key, kind]))
const byName = new Map<string, EventKind>(eventKinds.map((kind) => [kind.name, kind]))
const byNumber = new Map<number, EventKind>(eventKinds.map((kind) => [kind.number, kind]))

/** Finds a kind by its JSON key (`process_exec`), its name (`PROCESS_EXEC`) or its number (1). */
export function findEventKind(id: string | number): EventKind | undefined {
  return typeof id === 'number' ? byNumber.get(id) : (byKey.get(id) ?? byName.get(id))
}

/** The message that each kind of event holds. */
export const eventMessages: Readonly<Record<EventKey, MessageType>> = {
  process_exec: messages.ProcessExec,
  process_exit: messages.ProcessExit,
  process_kprobe: messages.ProcessKprobe,
  process_tracepoint: messages.ProcessTracepoint,
  process_loader: messages.ProcessLoader,
  process_uprobe: messages.ProcessUprobe,
  process_throttle: messages.ProcessThrottle,
  process_lsm: messages.ProcessLsm,
  process_usdt: messages.ProcessUsdt,
  test: messages.Test,
  rate_limit_info: messages.RateLimitInfo,
}
