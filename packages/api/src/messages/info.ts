import type { MessageOf } from '../message.ts'
import { any, boolValue, many, message, nested, string } from '../message.ts'

/** Version, features and settings of the agent. */

export const GetVersionRequest = message('GetVersionRequest', {})
export type GetVersionRequest = MessageOf<typeof GetVersionRequest>

export const GetVersionResponse = message('GetVersionResponse', { version: string(1) })
export type GetVersionResponse = MessageOf<typeof GetVersionResponse>

export const GetInfoRequest = message('GetInfoRequest', {})
export type GetInfoRequest = MessageOf<typeof GetInfoRequest>

/** Whether the kernel has a feature. */
export const InfoProbe = message('GetInfoResponse.Probe', {
  Name: string(1),
  Enabled: boolValue(2),
})
export type InfoProbe = MessageOf<typeof InfoProbe>

/** A setting. */
export const InfoConfVal = message('GetInfoResponse.ConfVal', { key: string(1), value: any(2) })
export type InfoConfVal = MessageOf<typeof InfoConfVal>

export const InfoBuild = message('GetInfoResponse.BuildInfo', {
  go_version: string(1),
  commit: string(2),
  time: string(3),
  modified: string(4),
})
export type InfoBuild = MessageOf<typeof InfoBuild>

export const GetInfoResponse = message('GetInfoResponse', {
  version: string(1),
  name: string(2),
  probes: many(nested(3, InfoProbe)),
  conf: many(nested(4, InfoConfVal)),
  build: nested(5, InfoBuild),
})
export type GetInfoResponse = MessageOf<typeof GetInfoResponse>
