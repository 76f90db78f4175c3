import type { EnumOf, MessageOf } from '../message.ts'
import {
  bool,
  enumeration,
  int32,
  many,
  mapOf,
  message,
  nested,
  oneOf,
  string,
  uint32Value,
} from '../message.ts'
import { Process } from './process.ts'

/** Looking into a running agent. */

export const ConfigFlag = enumeration('ConfigFlag', {
  CONFIG_FLAG_LOG_LEVEL: 0,
  CONFIG_FLAG_DUMP_PROCESS_CACHE: 1,
})
export type ConfigFlag = EnumOf<typeof ConfigFlag>

export const LogLevel = enumeration('LogLevel', {
  LOG_LEVEL_PANIC: 0,
  LOG_LEVEL_FATAL: 1,
  LOG_LEVEL_ERROR: 2,
  LOG_LEVEL_WARN: 3,
  LOG_LEVEL_INFO: 4,
  LOG_LEVEL_DEBUG: 5,
  LOG_LEVEL_TRACE: 6,
})
export type LogLevel = EnumOf<typeof LogLevel>

export const DumpProcessCacheReqArgs = message('DumpProcessCacheReqArgs', {
  skip_zero_refcnt: bool(1),
  exclude_execve_map_processes: bool(2),
})
export type DumpProcessCacheReqArgs = MessageOf<typeof DumpProcessCacheReqArgs>

export const ProcessInternal = message('ProcessInternal', {
  process: nested(1, Process),
  color: string(2),
  refcnt: uint32Value(3),
  refcnt_ops: mapOf(int32(4)),
})
export type ProcessInternal = MessageOf<typeof ProcessInternal>

export const DumpProcessCacheResArgs = message('DumpProcessCacheResArgs', {
  processes: many(nested(1, ProcessInternal)),
})
export type DumpProcessCacheResArgs = MessageOf<typeof DumpProcessCacheResArgs>

export const GetDebugRequest = message(
  'GetDebugRequest',
  { flag: oneOf(1, ConfigFlag), dump: nested(2, DumpProcessCacheReqArgs) },
  { oneofs: { arg: ['dump'] } },
)
export type GetDebugRequest = MessageOf<typeof GetDebugRequest>

export const GetDebugResponse = message(
  'GetDebugResponse',
  {
    flag: oneOf(1, ConfigFlag),
    level: oneOf(2, LogLevel),
    processes: nested(3, DumpProcessCacheResArgs),
  },
  { oneofs: { arg: ['level', 'processes'] } },
)
export type GetDebugResponse = MessageOf<typeof GetDebugResponse>

export const SetDebugRequest = message(
  'SetDebugRequest',
  { flag: oneOf(1, ConfigFlag), level: oneOf(2, LogLevel) },
  { oneofs: { arg: ['level'] } },
)
export type SetDebugRequest = MessageOf<typeof SetDebugRequest>

export const SetDebugResponse = message(
  'SetDebugResponse',
  { flag: oneOf(1, ConfigFlag), level: oneOf(2, LogLevel) },
  { oneofs: { arg: ['level'] } },
)
export type SetDebugResponse = MessageOf<typeof SetDebugResponse>
