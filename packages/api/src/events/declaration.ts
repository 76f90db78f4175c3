import type { Line } from '../lines/line.ts'
import type { MessageOf, MessageType } from '../message.ts'

/** Declaration of a kind of event. */
export interface EventDeclaration {
  /** Field number in GetEventsResponse, and number in EventType. */
  readonly number: number
  readonly message: MessageType
  /** Whether a process can cause many equal events: then aggregation counts them. */
  readonly repeats: boolean
  /** Whether the kernel side sends a record of this kind; events of hooks share one. */
  readonly ownRecord?: true
}

/** Kinds of events by their field in GetEventsResponse. */
export type EventDeclarations = Readonly<Record<string, EventDeclaration>>

/**
 * The compact line of each kind of event; null if it has none. With `details`, lines of hooks have
 * the arguments that Tetragon's lines omit. A separate table, so that
 * bundles without the printer do not contain it.
 */
export type LinesOf<Kinds extends EventDeclarations> = {
  readonly [K in keyof Kinds]:
    | ((body: MessageOf<Kinds[K]['message']>, details: boolean) => Line | string)
    | null
}
