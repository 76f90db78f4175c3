import { extensionNumber } from '../extension-fields.ts'
import type { EnumOf, MessageOf } from '../message.ts'
import {
  bool,
  deprecated,
  enumeration,
  many,
  message,
  nested,
  oneOf,
  optional,
  string,
  uint32,
  uint32Value,
  uint64,
} from '../message.ts'
import { MissedNotifications } from './enforcement.ts'
import { LoadingProgress } from './loading-progress.ts'

/** State of a policy in the agent. */

export const TracingPolicyState = enumeration('TracingPolicyState', {
  TP_STATE_UNKNOWN: 0,
  TP_STATE_ENABLED: 1,
  TP_STATE_DISABLED: 2,
  TP_STATE_LOAD_ERROR: 3,
  TP_STATE_ERROR: 4,
  TP_STATE_LOADING: 5,
  TP_STATE_UNLOADING: 6,
  TP_STATE_SKIPPED: 7,
  TP_STATE_PARTIALLY_ENABLED: 8,
})
export type TracingPolicyState = EnumOf<typeof TracingPolicyState>

export const TracingPolicyMode = enumeration('TracingPolicyMode', {
  TP_MODE_UNKNOWN: 0,
  TP_MODE_ENFORCE: 1,
  TP_MODE_MONITOR: 2,
  TP_MODE_MONITOR_ONLY: 3,
})
export type TracingPolicyMode = EnumOf<typeof TracingPolicyMode>

/** What enforcing actions are counted as. If the policy only monitors: `monitor_…`. */
export const enforcementCounters = ['signal', 'override', 'notify_enforcer', 'set'] as const
export type EnforcementCounter = (typeof enforcementCounters)[number]

/** Counters of the actions of a selector; `nopost`: matching hits whose event was suppressed. */
export type ActionCounter = 'post' | 'nopost' | EnforcementCounter | `monitor_${EnforcementCounter}`

export const TracingPolicyActionCounters = message('TracingPolicyActionCounters', {
  post: uint64(1),
  signal: uint64(2),
  monitor_signal: uint64(3),
  override: uint64(4),
  monitor_override: uint64(5),
  notify_enforcer: uint64(6),
  monitor_notify_enforcer: uint64(7),
  set: uint64(8),
  monitor_set: uint64(9),
  nopost: uint64(10),
} satisfies Record<ActionCounter, unknown>)
export type TracingPolicyActionCounters = MessageOf<typeof TracingPolicyActionCounters>

export const TracingPolicySelectorActionCounters = message('TracingPolicySelectorActionCounters', {
  hook: string(1),
  hook_index: uint32Value(2),
  selector_index: uint32Value(3),
  action_counters: nested(4, TracingPolicyActionCounters),
  selector_label: string(5),
})
export type TracingPolicySelectorActionCounters = MessageOf<
  typeof TracingPolicySelectorActionCounters
>

export const TracingPolicyStats = message('TracingPolicyStats', {
  action_counters: nested(1, TracingPolicyActionCounters),
  selector_action_counters: many(nested(2, TracingPolicySelectorActionCounters)),
  missed_notifications: many(
    nested(extensionNumber('TracingPolicyStats.missed_notifications'), MissedNotifications),
  ),
  limit_reached_count: uint64(extensionNumber('TracingPolicyStats.limit_reached_count')),
})
export type TracingPolicyStats = MessageOf<typeof TracingPolicyStats>

export const HookState = enumeration('HookState', {
  STATUS_UNSPECIFIED: 0,
  STATUS_LOADED: 1,
  STATUS_DIGEST_REJECTED: 2,
  STATUS_CALL_NOT_FOUND: 3,
  STATUS_PARTIAL_CALL_NOT_FOUND: 4,
})
export type HookState = EnumOf<typeof HookState>

export const HookStatus = message('HookStatus', {
  section: string(1),
  state: oneOf(2, HookState),
  hook_description: string(3),
  hook_idx: uint32(4),
})
export type HookStatus = MessageOf<typeof HookStatus>

export const TracingPolicyStatus = message('TracingPolicyStatus', {
  id: uint64(1),
  name: string(2),
  namespace: string(3),
  info: string(4),
  sensors: many(string(5)),
  enabled: deprecated(bool(6)),
  filter_id: uint64(7),
  error: string(8),
  state: oneOf(9, TracingPolicyState),
  kernel_memory_bytes: uint64(10),
  mode: oneOf(11, TracingPolicyMode),
  stats: optional(nested(12, TracingPolicyStats)),
  domain: string(13),
  hook_statuses: many(nested(14, HookStatus)),
  loading: optional(nested(extensionNumber('TracingPolicyStatus.loading'), LoadingProgress)),
})
export type TracingPolicyStatus = MessageOf<typeof TracingPolicyStatus>
