import type { Line } from '../compact/line.ts'
import type { MessageOf, MessageType } from '../message.ts'

/** What is to be known of a kind of event. */
export interface EventDeclaration {
  /** Field number in GetEventsResponse, and number in EventType. */
  readonly number: number
  readonly message: MessageType
  /** Whether one process can cause it many times in the same way: then aggregation counts it. */
  readonly repeats: boolean
  /**
   * The kernel records that an agent makes it from: records of its own, those of policies' hooks,
   * or none.
   */
  readonly records: 'own' | 'hooks' | 'none'
}

/** Kinds of events by their field in GetEventsResponse. */
export type EventDeclarations = Readonly<Record<string, EventDeclaration>>

/**
 * The compact line of each kind of event; null for kinds that have none. They are a table beside
 * the kinds, not a part of it, because only the printer loads them.
 */
export type LinesOf<Kinds extends EventDeclarations> = {
  readonly [K in keyof Kinds]: ((body: MessageOf<Kinds[K]['message']>) => Line | string) | null
}
