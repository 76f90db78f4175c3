import type { MessageOf } from '../message.ts'
import { boolValue, many, message, nested, oneOf, string, uint32 } from '../message.ts'
import { CapabilitiesType, EventType } from './enums.ts'

/** What a stream of events is filtered by: fields are joined by AND, values of a field by OR. */

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
})
export type Filter = MessageOf<typeof Filter>
