import type { EnumOf, MessageOf } from '../message.ts'
import { enumeration, many, message, nested, oneOf, string } from '../message.ts'

/** Health of the agent. */

export const HealthStatusType = enumeration('HealthStatusType', {
  HEALTH_STATUS_TYPE_UNDEF: 0,
  HEALTH_STATUS_TYPE_STATUS: 1,
})
export type HealthStatusType = EnumOf<typeof HealthStatusType>

export const HealthStatusResult = enumeration('HealthStatusResult', {
  HEALTH_STATUS_UNDEF: 0,
  HEALTH_STATUS_RUNNING: 1,
  HEALTH_STATUS_STOPPED: 2,
  HEALTH_STATUS_ERROR: 3,
})
export type HealthStatusResult = EnumOf<typeof HealthStatusResult>

export const GetHealthStatusRequest = message('GetHealthStatusRequest', {
  event_set: many(oneOf(1, HealthStatusType)),
})
export type GetHealthStatusRequest = MessageOf<typeof GetHealthStatusRequest>

export const HealthStatus = message('HealthStatus', {
  event: oneOf(1, HealthStatusType),
  status: oneOf(2, HealthStatusResult),
  details: string(3),
})
export type HealthStatus = MessageOf<typeof HealthStatus>

export const GetHealthStatusResponse = message('GetHealthStatusResponse', {
  health_status: many(nested(1, HealthStatus)),
})
export type GetHealthStatusResponse = MessageOf<typeof GetHealthStatusResponse>
