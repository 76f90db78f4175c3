import type { EnumOf, Field, Fields, MessageOf, MessageType } from '../message.ts'
import {
  bytes,
  enumeration,
  many,
  message,
  nested,
  oneOf,
  string,
  stringMap,
  timestamp,
  uint32,
  uint64,
} from '../message.ts'
import { KprobeAction, ThrottleType } from './enums.ts'
import { KprobeArgument } from './kprobe-argument.ts'
import { Process } from './process.ts'

/** The events and their envelope, GetEventsResponse: exactly one of its event fields is set. */

export const StackTraceEntry = message('StackTraceEntry', {
  address: uint64(1),
  offset: uint64(2),
  symbol: string(3),
  module: string(4),
})
export type StackTraceEntry = MessageOf<typeof StackTraceEntry>

export const ProcessExec = message('ProcessExec', {
  process: nested(1, Process),
  parent: nested(2, Process),
  ancestors: many(nested(3, Process)),
})
export type ProcessExec = MessageOf<typeof ProcessExec>

export const ProcessExit = message('ProcessExit', {
  process: nested(1, Process),
  parent: nested(2, Process),
  signal: string(3),
  status: uint32(4),
  time: timestamp(5),
  ancestors: many(nested(6, Process)),
})
export type ProcessExit = MessageOf<typeof ProcessExit>

export const ProcessKprobe = message('ProcessKprobe', {
  process: nested(1, Process),
  parent: nested(2, Process),
  function_name: string(3),
  args: many(nested(4, KprobeArgument)),
  return: nested(5, KprobeArgument),
  action: oneOf(6, KprobeAction),
  kernel_stack_trace: many(nested(7, StackTraceEntry)),
  policy_name: string(8),
  return_action: oneOf(9, KprobeAction),
  message: string(10),
  tags: many(string(11)),
  user_stack_trace: many(nested(12, StackTraceEntry)),
  ancestors: many(nested(13, Process)),
  data: many(nested(14, KprobeArgument)),
})
export type ProcessKprobe = MessageOf<typeof ProcessKprobe>

export const ProcessTracepoint = message('ProcessTracepoint', {
  process: nested(1, Process),
  parent: nested(2, Process),
  subsys: string(4),
  event: string(5),
  args: many(nested(6, KprobeArgument)),
  policy_name: string(7),
  action: oneOf(8, KprobeAction),
  message: string(9),
  tags: many(string(10)),
  ancestors: many(nested(11, Process)),
})
export type ProcessTracepoint = MessageOf<typeof ProcessTracepoint>

export const ProcessUprobe = message('ProcessUprobe', {
  process: nested(1, Process),
  parent: nested(2, Process),
  path: string(3),
  symbol: string(4),
  policy_name: string(5),
  message: string(6),
  args: many(nested(7, KprobeArgument)),
  tags: many(string(8)),
  ancestors: many(nested(9, Process)),
  offset: uint64(10),
  ref_ctr_offset: uint64(11),
  action: oneOf(12, KprobeAction),
  data: many(nested(13, KprobeArgument)),
})
export type ProcessUprobe = MessageOf<typeof ProcessUprobe>

export const ProcessUsdt = message('ProcessUsdt', {
  process: nested(1, Process),
  parent: nested(2, Process),
  path: string(3),
  provider: string(4),
  name: string(5),
  policy_name: string(6),
  message: string(7),
  args: many(nested(8, KprobeArgument)),
  tags: many(string(9)),
  ancestors: many(nested(10, Process)),
  action: oneOf(11, KprobeAction),
  flags: string(12),
})
export type ProcessUsdt = MessageOf<typeof ProcessUsdt>

export const ProcessLsm = message('ProcessLsm', {
  process: nested(1, Process),
  parent: nested(2, Process),
  function_name: string(3),
  policy_name: string(5),
  message: string(6),
  args: many(nested(7, KprobeArgument)),
  action: oneOf(8, KprobeAction),
  tags: many(string(9)),
  ancestors: many(nested(10, Process)),
  ima_hash: string(11),
})
export type ProcessLsm = MessageOf<typeof ProcessLsm>

export const ProcessLoader = message('ProcessLoader', {
  process: nested(1, Process),
  path: string(2),
  buildid: bytes(3),
  parent: nested(4, Process),
  ancestors: many(nested(5, Process)),
})
export type ProcessLoader = MessageOf<typeof ProcessLoader>

export const ProcessThrottle = message('ProcessThrottle', {
  type: oneOf(1, ThrottleType),
  cgroup: string(2),
})
export type ProcessThrottle = MessageOf<typeof ProcessThrottle>

export const Test = message('Test', {
  arg0: uint64(1),
  arg1: uint64(2),
  arg2: uint64(3),
  arg3: uint64(4),
})
export type Test = MessageOf<typeof Test>

export const RateLimitInfo = message('RateLimitInfo', {
  number_of_dropped_process_events: uint64(1),
})
export type RateLimitInfo = MessageOf<typeof RateLimitInfo>

export const AggregationInfo = message('AggregationInfo', {
  count: uint64(1),
})
export type AggregationInfo = MessageOf<typeof AggregationInfo>

/** What is to be known of a kind of event. */
interface EventDeclaration {
  /** Field number in GetEventsResponse, and number in EventType. */
  readonly number: number
  readonly message: MessageType
  /** Whether one process can cause it many times in the same way: then aggregation counts it. */
  readonly repeats: boolean
}

/** Every kind of event by its field in GetEventsResponse. A new kind is an entry here. */
export const eventTable = {
  process_exec: { number: 1, message: ProcessExec, repeats: false },
  process_exit: { number: 5, message: ProcessExit, repeats: false },
  process_kprobe: { number: 9, message: ProcessKprobe, repeats: true },
  process_tracepoint: { number: 10, message: ProcessTracepoint, repeats: true },
  process_loader: { number: 11, message: ProcessLoader, repeats: true },
  process_uprobe: { number: 12, message: ProcessUprobe, repeats: true },
  process_throttle: { number: 27, message: ProcessThrottle, repeats: false },
  process_lsm: { number: 28, message: ProcessLsm, repeats: true },
  process_usdt: { number: 29, message: ProcessUsdt, repeats: true },
  test: { number: 40000, message: Test, repeats: false },
  rate_limit_info: { number: 40001, message: RateLimitInfo, repeats: false },
} as const satisfies Readonly<Record<string, EventDeclaration>>

type EventTable = typeof eventTable

/** JSON key of an event in GetEventsResponse, such as `process_exec`. */
export type EventKey = keyof EventTable

/** Numbers that kinds of events had in the original and will not have again. */
const reserved = [
  [2, 4],
  [6, 8],
  [13, 26],
] as const

const eventKeys = Object.keys(eventTable) as EventKey[]

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
  },
  { oneofs: { event: eventKeys }, reserved },
)
export type GetEventsResponse = MessageOf<typeof GetEventsResponse>
