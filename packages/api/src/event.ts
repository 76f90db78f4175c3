import type { EventKey, GetEventsResponse } from './messages/event.ts'

/**
 * One event as the functions of this package take it: its kind, its body, and the whole envelope
 * as received. `event.key` tells the compiler the type of `event.body`.
 */
export type Event = {
  [K in EventKey]: {
    readonly key: K
    readonly body: NonNullable<GetEventsResponse[K]>
    readonly response: GetEventsResponse
  }
}[EventKey]
