import { extensionNumber } from '../extension-fields.ts'
import type { EnumOf, Field, Fields, MessageOf } from '../message.ts'
import {
  enumeration,
  many,
  message,
  nested,
  string,
  stringMap,
  timestamp,
  uint64,
} from '../message.ts'
import { Finding } from '../messages/finding.ts'
import { hookEvents } from './hook-events.ts'
import { processEvents } from './process-events.ts'
import { streamEvents } from './stream-events.ts'

/** The envelope of events, GetEventsResponse: exactly one of its event fields is set. */

export const AggregationInfo = message('AggregationInfo', { count: uint64(1) })
export type AggregationInfo = MessageOf<typeof AggregationInfo>

/** Every kind of event by its field in GetEventsResponse. */
export const eventTable = { ...processEvents, ...hookEvents, ...streamEvents } as const

type EventTable = typeof eventTable

/** JSON key of an event in GetEventsResponse, such as `process_exec`. */
export type EventKey = keyof EventTable

/** Numbers that kinds of events had in the original and will not have again. */
const reserved = [
  [2, 4],
  [6, 8],
  [13, 26],
] as const

const eventKeys = (Object.keys(eventTable) as EventKey[]).sort(
  (a, b) => eventTable[a].number - eventTable[b].number,
)

const eventNumbers = Object.fromEntries(
  eventKeys.map((key) => [key.toUpperCase(), eventTable[key].number]),
) as Record<Uppercase<EventKey>, number>

export const EventType = enumeration('EventType', { UNDEF: 0, ...eventNumbers }, { reserved })
export type EventType = EnumOf<typeof EventType>

const eventFields = Object.fromEntries(
  eventKeys.map((key) => [key, nested<Fields>(eventTable[key].number, eventTable[key].message)]),
) as { readonly [K in EventKey]: Field<MessageOf<EventTable[K]['message']>> }

export const GetEventsResponse = message(
  'GetEventsResponse',
  {
    ...eventFields,
    node_name: string(1000),
    time: timestamp(1001),
    aggregation_info: nested(1002, AggregationInfo),
    cluster_name: string(1003),
    node_labels: stringMap(1004),
    /** In a message without an event, before events of the past. */
    kept_since: timestamp(extensionNumber('GetEventsResponse.kept_since')),
    findings: many(nested(extensionNumber('GetEventsResponse.findings'), Finding)),
  },
  { oneofs: { event: eventKeys }, reserved },
)
export type GetEventsResponse = MessageOf<typeof GetEventsResponse>
