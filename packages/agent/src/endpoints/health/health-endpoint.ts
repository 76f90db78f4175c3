import { clientAddress, type ListenAddress } from '@tetragon-ts/options'
import type { Endpoint, RunningEndpoint } from '../endpoint.ts'
import { GrpcListener } from '../listen/grpc.ts'
import { OpenCalls } from '../listen/open-calls.ts'
import { AgentHealth, type HealthSource } from './agent-health.ts'
import { healthDefinition, healthService } from './health-service.ts'

/** Anyone on the network may connect: probes need few connections, and not for long. */
const connectionsMax = 256
const idleMs = 60_000

/** Where health alone is served, for probes. */
export interface HealthOptions {
  readonly address: ListenAddress
  /** Interval of health checks for watchers, in milliseconds. */
  readonly intervalMs: number
}

/**
 * Serves only `grpc.health.v1.Health`, so that anyone may be allowed to connect.
 * @throws AgentError AGENT_SERVER
 */
export async function serveHealth(
  { address, intervalMs }: HealthOptions,
  source: HealthSource,
): Promise<RunningEndpoint> {
  const listener = new GrpcListener(idleMs, connectionsMax)
  const watches = new OpenCalls()
  listener.add(healthDefinition, healthService(source, intervalMs, watches))
  try {
    await listener.listen(address)
  } catch (error) {
    await listener.close()
    throw error
  }
  return {
    addresses: [address],
    notice: `serving health on ${clientAddress(address)}`,
    close: () => {
      watches.close()
      return listener.close()
    },
    get isStuck() {
      return listener.isStuck
    },
  }
}

/** The health of the agent at a separate address. */
export const healthEndpoint: Endpoint<HealthOptions> = {
  closesBeforeAgent: false,
  start: (options, { agent }) => serveHealth(options, new AgentHealth(agent)),
}
