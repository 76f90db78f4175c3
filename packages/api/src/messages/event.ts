import type { MessageOf } from '../message.ts'
import {
  bytes,
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

export const GetEventsResponse = message(
  'GetEventsResponse',
  {
    process_exec: nested(1, ProcessExec),
    process_exit: nested(5, ProcessExit),
    process_kprobe: nested(9, ProcessKprobe),
    process_tracepoint: nested(10, ProcessTracepoint),
    process_loader: nested(11, ProcessLoader),
    process_uprobe: nested(12, ProcessUprobe),
    process_throttle: nested(27, ProcessThrottle),
    process_lsm: nested(28, ProcessLsm),
    process_usdt: nested(29, ProcessUsdt),
    test: nested(40000, Test),
    rate_limit_info: nested(40001, RateLimitInfo),
    node_name: string(1000),
    time: timestamp(1001),
    aggregation_info: nested(1002, AggregationInfo),
    cluster_name: string(1003),
    node_labels: stringMap(1004),
  },
  {
    oneofs: {
      event: [
        'process_exec',
        'process_exit',
        'process_kprobe',
        'process_tracepoint',
        'process_loader',
        'process_uprobe',
        'process_throttle',
        'process_lsm',
        'process_usdt',
        'test',
        'rate_limit_info',
      ],
    },
    reserved: [
      [2, 4],
      [6, 8],
      [13, 26],
    ],
  },
)
export type GetEventsResponse = MessageOf<typeof GetEventsResponse>
