import { clientAddress, type ListenAddress } from '@tetragon-ts/service/listen'
import { RepeatedAction } from '@tetragon-ts/service/timers'
import type { Endpoint, RunningEndpoint } from '../endpoint.ts'
import { AgentHealth, type ChangingHealth, serviceStatuses } from './agent-health.ts'
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
  const statuses = await serviceStatuses(source)
  const thread = await HealthThread.start({ address, intervalMs, statuses }, warn)
  const report = async (): Promise<void> => thread.report(await serviceStatuses(source))
  source.onChange = () =>
    void report().catch(({ message }: Error) => warn(`report health: ${message}`))
  const reports = new RepeatedAction('report health', intervalMs, report, warn)
  return {
    addresses: [address],
    notice: `serving health on ${clientAddress(address)}`,
    close: () => {
      reports[Symbol.dispose]()
      return thread.close()
    },
  }
}

/** The health of the agent at a separate address. */
export const healthEndpoint: Endpoint<HealthOptions> = {
  closesBeforeAgent: false,
  start: (options, { agent, failedPolicies, log }) =>
    serveHealth(options, new AgentHealth(agent, failedPolicies), (text) => log.warning(text)),
}
