import type { MessageOf } from '../message.ts'
import { int32, message, optional, string } from '../message.ts'

/** Rotation of the export file. */

export const SetEventLogParamsRequest = message('SetEventLogParamsRequest', {
  max_size: optional(int32(1)),
  rotation_interval: optional(string(2)),
  max_backups: optional(int32(3)),
})
export type SetEventLogParamsRequest = MessageOf<typeof SetEventLogParamsRequest>

export const SetEventLogParamsResponse = message('SetEventLogParamsResponse', {})
export type SetEventLogParamsResponse = MessageOf<typeof SetEventLogParamsResponse>

export const GetEventLogParamsRequest = message('GetEventLogParamsRequest', {})
export type GetEventLogParamsRequest = MessageOf<typeof GetEventLogParamsRequest>

export const GetEventLogParamsResponse = message('GetEventLogParamsResponse', {
  max_size: int32(1),
  rotation_interval: string(2),
  max_backups: int32(3),
})
export type GetEventLogParamsResponse = MessageOf<typeof GetEventLogParamsResponse>
