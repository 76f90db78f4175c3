import { dirname } from 'node:path'
import type { Agent } from '../agent.ts'
import { AgentError } from '../error.ts'
import type { Log } from '../log.ts'
import { type AgentFacts, AgentHost } from './agent-host.ts'
import { AgentServer, type ServerOptions } from './grpc-server.ts'
import { type AgentInfo, writeInfoFile } from './info-file.ts'
import type { ListenAddress } from './listen/address.ts'
import { PolicyStore } from './policy-store.ts'

/** A server and the agent that it serves. */
export interface RunningServer {
  /** Ends all calls; then nobody finds the agent any more. */
  close(): Promise<void>
}

/** An address as clients take it. */
export function clientAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix://${address.path}`
  const { host, port } = address
  return `${host.includes(':') ? `[${host}]` : host || 'localhost'}:${port}`
}

function openStore(folder: string): PolicyStore {
  try {
    return new PolicyStore(folder)
  } catch (cause) {
    const message = `keep policies in ${folder}: ${(cause as Error).message}`
    throw new AgentError('AGENT_SERVER', message, { cause })
  }
}

/**
 * Starts the server of an agent and says where it is in `tetragon-info.json` beside the pid file.
 * @throws AgentError AGENT_SERVER
 */
export async function startServer(
  agent: Agent,
  options: ServerOptions,
  facts: Omit<AgentFacts, 'store'> & {
    readonly pidFile: string
    readonly info: Omit<AgentInfo, 'pid'>
  },
  log: Log,
): Promise<RunningServer> {
  const { policyFolder } = options
  const store = policyFolder === undefined ? undefined : openStore(policyFolder)
  const host = new AgentHost(agent, { ...facts, store }, log)
  for (const failure of await host.policies.restore()) log.warning(`restore policies: ${failure}`)
  const server = await AgentServer.start(host, options)
  const [address] = options.addresses.map(clientAddress)
  const removeInfo = writeInfoFile(dirname(facts.pidFile), {
    ...facts.info,
    server_address: address,
    pid: process.pid,
  })
  log.info(`serving on ${options.addresses.map(clientAddress).join(', ')}`)
  return {
    close: () => {
      removeInfo()
      return server.close()
    },
  }
}
