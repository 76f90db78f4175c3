import { extensionNumber } from '../extension-fields.ts'
import type { EnumOf, MessageOf } from '../message.ts'
import {
  bool,
  boolValue,
  deprecated,
  duration,
  enumeration,
  fieldMask,
  many,
  message,
  nested,
  oneOf,
  string,
  timestamp,
  uint32,
  uint64,
} from '../message.ts'
import { CapabilitiesType } from '../messages/enums.ts'
import { StreamReceiver } from '../messages/event-stream.ts'
import { EventType } from './event-table.ts'

/** A filter of an event stream: fields are joined by AND, values of a field by OR. */

export const CapFilterSet = message('CapFilterSet', {
  any: many(oneOf(1, CapabilitiesType)),
  all: many(oneOf(2, CapabilitiesType)),
  exactly: many(oneOf(3, CapabilitiesType)),
  none: many(oneOf(4, CapabilitiesType)),
})
export type CapFilterSet = MessageOf<typeof CapFilterSet>

export const CapFilter = message('CapFilter', {
  permitted: nested(1, CapFilterSet),
  effective: nested(2, CapFilterSet),
  inheritable: nested(3, CapFilterSet),
})
export type CapFilter = MessageOf<typeof CapFilter>

export const Filter = message('Filter', {
  binary_regex: many(string(1)),
  namespace: many(string(2)),
  health_check: boolValue(3),
  pid: many(uint32(4)),
  pid_set: many(uint32(5)),
  event_set: many(oneOf(6, EventType)),
  pod_regex: many(string(7)),
  arguments_regex: many(string(8)),
  labels: many(string(9)),
  policy_names: many(string(10)),
  capabilities: nested(11, CapFilter),
  parent_binary_regex: many(string(12)),
  cel_expression: many(string(13)),
  parent_arguments_regex: many(string(14)),
  container_id: many(string(15)),
  in_init_tree: boolValue(16),
  ancestor_binary_regex: many(string(17)),
  container_name_regex: many(string(18)),
  namespace_regex: many(string(19)),
  /** The lowest level: `medium` stands for events with findings of medium, high or critical. */
  finding_level: string(extensionNumber('Filter.finding_level')),
})
export type Filter = MessageOf<typeof Filter>

export const RedactionFilter = message('RedactionFilter', {
  match: deprecated(many(nested(1, Filter))),
  redact: many(string(2)),
  binary_regex: many(string(3)),
})
export type RedactionFilter = MessageOf<typeof RedactionFilter>

export const FieldFilterAction = enumeration('FieldFilterAction', { INCLUDE: 0, EXCLUDE: 1 })
export type FieldFilterAction = EnumOf<typeof FieldFilterAction>

/** Fields to keep or to drop, for events of some types. */
export const FieldFilter = message('FieldFilter', {
  event_set: many(oneOf(1, EventType)),
  fields: fieldMask(2),
  action: oneOf(3, FieldFilterAction),
  invert_event_set: boolValue(4),
})
export type FieldFilter = MessageOf<typeof FieldFilter>

export const AggregationOptions = message('AggregationOptions', {
  window_size: duration(1),
  channel_buffer_size: uint64(2),
})
export type AggregationOptions = MessageOf<typeof AggregationOptions>

export const GetEventsRequest = message('GetEventsRequest', {
  allow_list: many(nested(1, Filter)),
  deny_list: many(nested(2, Filter)),
  aggregation_options: nested(3, AggregationOptions),
  field_filters: many(nested(4, FieldFilter)),
  /** Events of hooks in this process that only observe are not sent: each would cause the next. */
  receiver: nested(extensionNumber('GetEventsRequest.receiver'), StreamReceiver),
  /** First events of the past, from this time on, as far as they are kept. */
  since: timestamp(extensionNumber('GetEventsRequest.since')),
  /** The stream ends after the events of the past. */
  past_only: bool(extensionNumber('GetEventsRequest.past_only')),
})
export type GetEventsRequest = MessageOf<typeof GetEventsRequest>
