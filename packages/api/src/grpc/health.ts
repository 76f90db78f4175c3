import type { EnumOf, MessageOf } from '../message.ts'
import { enumeration, message, oneOf, string } from '../message.ts'
import { service } from '../service.ts'

/** The standard health service of gRPC. */

export const ServingStatus = enumeration('HealthCheckResponse.ServingStatus', {
  UNKNOWN: 0,
  SERVING: 1,
  NOT_SERVING: 2,
  SERVICE_UNKNOWN: 3,
})
export type ServingStatus = EnumOf<typeof ServingStatus>

export const HealthCheckRequest = message('HealthCheckRequest', { service: string(1) })
export type HealthCheckRequest = MessageOf<typeof HealthCheckRequest>

export const HealthCheckResponse = message('HealthCheckResponse', {
  status: oneOf(1, ServingStatus),
})
export type HealthCheckResponse = MessageOf<typeof HealthCheckResponse>

export const Health = service('grpc.health.v1', 'Health', {
  Check: { request: HealthCheckRequest, response: HealthCheckResponse },
  Watch: { request: HealthCheckRequest, response: HealthCheckResponse, stream: 'responses' },
})
