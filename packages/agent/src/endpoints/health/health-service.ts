import type { ServerWritableStream, UntypedServiceImplementation } from '@grpc/grpc-js'
import {
  Health,
  type HealthCheckRequest,
  type HealthCheckResponse,
  serviceDefinition,
} from '@tetragon-ts/api'
import { RequestError } from '../../request-error.ts'
import type { OpenCalls } from '../listen/open-calls.ts'
import { statusOf } from '../listen/status.ts'
import { unary } from '../listen/unary.ts'
import {
  type HealthSource,
  isServiceName,
  type ServiceName,
  serviceStatuses,
} from './agent-health.ts'

export const healthDefinition = serviceDefinition(Health)

type Watch = ServerWritableStream<HealthCheckRequest, HealthCheckResponse>

/**
 * The service `grpc.health.v1.Health`, with the services of {@link serviceStatuses}.
 * @param calls limits and ends the watches
 */
export function healthService(
  source: HealthSource,
  intervalMs: number,
  calls: OpenCalls,
): UntypedServiceImplementation {
  const check = async (service: ServiceName): Promise<HealthCheckResponse> => {
    return { status: (await serviceStatuses(source))[service] }
  }
  return {
    Check: unary(({ service = '' }: HealthCheckRequest) => {
      if (isServiceName(service)) return check(service)
      throw new RequestError('not_found', `check health: unknown service ${service}`)
    }),
    Watch: (call: Watch) => {
      try {
        calls.add(call)
      } catch (error) {
        call.emit('error', statusOf(error))
        return
      }
      const { service = '' } = call.request
      // Required by the protocol: the service may appear later.
      if (!isServiceName(service)) {
        call.write({ status: 'SERVICE_UNKNOWN' })
        return
      }
      let lastStatus: string | number | undefined
      const sendStatus = async (): Promise<void> => {
        const { status } = await check(service)
        if (status === lastStatus) return
        lastStatus = status
        call.write({ status })
      }
      void sendStatus()
      const timer = setInterval(sendStatus, intervalMs)
      timer.unref()
      call.on('cancelled', () => clearInterval(timer))
      call.on('close', () => clearInterval(timer))
    },
  }
}
