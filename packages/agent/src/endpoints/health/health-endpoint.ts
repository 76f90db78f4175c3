import { clientAddress, type ListenAddress } from '@tetragon-ts/options'
import type { Endpoint, RunningEndpoint } from '../endpoint.ts'
import { AgentHealth, type ChangingHealth } from './agent-health.ts'
import type { ServingStatus } from './health-calls.ts'
import { HealthThread } from './health-thread.ts'

/** Where health alone is served, for probes. */
export interface HealthOptions {
  readonly address: ListenAddress
  /** Interval at which the main thread reports the health, in milliseconds. */
  readonly intervalMs: number
}

/**
 * Serves only `grpc.health.v1.Health`, so that anyone may be allowed to connect.
 * @throws AgentError AGENT_SERVER
 */
export async function serveHealth(
  { address, intervalMs }: HealthOptions,
  source: ChangingHealth,
  warn: (message: string) => void,
): Promise<RunningEndpoint> {
  const read = async (): Promise<ServingStatus> => {
    const { status } = await source.health()
    return status === 'HEALTH_STATUS_RUNNING' ? 'SERVING' : 'NOT_SERVING'
  }
  const thread = await HealthThread.start({ address, intervalMs, status: await read() }, warn)
  const report = async (): Promise<void> => thread.report(await read())
  source.onChange = () => void report()
  const timer = setInterval(() => void report(), intervalMs)
  timer.unref()
  return {
    addresses: [address],
    notice: `serving health on ${clientAddress(address)}`,
    close: () => {
      clearInterval(timer)
      return thread.close()
    },
  }
}

/** The health of the agent at a separate address. */
export const healthEndpoint: Endpoint<HealthOptions> = {
  closesBeforeAgent: false,
  start: (options, { agent, log }) =>
    serveHealth(options, new AgentHealth(agent), (message) => log.warning(message)),
}
