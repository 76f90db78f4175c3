import type { EventKey, GetEventsResponse } from './events/event-table.ts'

/**
 * An event for the functions of this package: its kind, its body, and the whole envelope.
 * `event.key` determines the type of `event.body`.
 */
export type Event = {
  [K in EventKey]: {
    readonly key: K
    readonly body: NonNullable<GetEventsResponse[K]>
    readonly response: GetEventsResponse
  }
}[EventKey]
