import { dirname } from 'node:path'
import { AgentServer, type ServerOptions } from '../endpoints/grpc/grpc-server.ts'
import { clientAddress, type ListenAddress } from '../endpoints/listen/address.ts'
import type { AgentMetrics } from '../endpoints/metrics/agent-metrics.ts'
import type { Log } from '../log/log.ts'
import type { Agent } from './agent.ts'
import { type AgentFacts, AgentHost } from './agent-host.ts'
import { type AgentInfo, writeInfoFile } from './info-file.ts'

/** A server and its agent. */
export interface RunningServer {
  /** Ends all calls and removes the agent's address file. */
  close(): Promise<void>
}

/** Endpoints to start; undefined: not started. */
export interface Served {
  readonly server: ServerOptions | undefined
  /** Address for Prometheus. */
  readonly metrics: ListenAddress | undefined
}

/**
 * Starts the endpoints of an agent and writes their addresses to `tetragon-info.json` next to the
 * pid file.
 * @throws AgentError AGENT_SERVER
 */
export async function startServer(
  agent: Agent,
  { server: options, metrics }: Served,
  facts: AgentFacts & {
    readonly pidFile: string
    readonly info: Omit<AgentInfo, 'pid'>
  },
  log: Log,
): Promise<RunningServer> {
  const host = new AgentHost(agent, facts, log)
  const server = options && (await AgentServer.start(host, options))
  let metricsServer: AgentMetrics | undefined
  try {
    metricsServer = metrics && (await startMetrics(agent, host, server, metrics))
  } catch (error) {
    await server?.close()
    throw error
  }
  const addresses = options?.addresses.map(clientAddress) ?? []
  const metricsAddress = metricsServer && clientAddress(metricsServer.address)
  const removeInfo = writeInfoFile(dirname(facts.pidFile), {
    ...facts.info,
    server_address: addresses[0],
    metrics_address: metricsAddress,
    pid: process.pid,
  })
  if (addresses.length > 0) log.info(`serving on ${addresses.join(', ')}`)
  if (metricsServer) log.info(`serving metrics on ${metricsServer.url}`)
  return {
    close: async () => {
      removeInfo()
      await metricsServer?.close()
      await server?.close()
    },
  }
}

/** Metrics are loaded only if they are enabled. */
async function startMetrics(
  agent: Agent,
  host: AgentHost,
  server: AgentServer | undefined,
  address: ListenAddress,
): Promise<AgentMetrics> {
  const { AgentMetrics } = await import('../endpoints/metrics/agent-metrics.ts')
  return AgentMetrics.start(agent, host, () => server?.statistics(), address)
}
