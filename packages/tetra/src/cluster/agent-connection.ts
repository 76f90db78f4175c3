import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AgentClient } from '../connection/agent-client.ts'
import type { ConnectionSettings } from '../connection/settings.ts'
import { type AgentPod, agentContainer } from './agent-pods.ts'
import { ClusterError, requestFailed } from './cluster-error.ts'
import type { ClusterSettings } from './cluster-settings.ts'
import { PodExec } from './pod-exec.ts'

/** A gRPC connection to the agent in a pod, over the input and output of `tetra relay` there. */
export class AgentConnection implements Disposable {
  readonly client: AgentClient
  readonly #pod: AgentPod
  readonly #exec: PodExec

  /** @throws ClusterError if the command cannot be started */
  static async open(
    cluster: ClusterSettings,
    settings: ConnectionSettings,
    pod: AgentPod,
    signal: AbortSignal,
  ): Promise<AgentConnection> {
    const exec = await openRelay(cluster, settings.timeout, pod, signal)
    // Errors are read from `failure`; without a listener they would end the process.
    exec.on('error', () => {})
    try {
      const address = await listenOnce(exec)
      return new AgentConnection(new AgentClient({ ...settings, address, retries: 0 }), pod, exec)
    } catch (error) {
      exec.destroy()
      throw error
    }
  }

  private constructor(client: AgentClient, pod: AgentPod, exec: PodExec) {
    this.client = client
    this.#pod = pod
    this.#exec = exec
  }

  /** Why a call failed: an error of the relay explains more than that of gRPC. */
  explain(error: Error): Error {
    const { failure } = this.#exec
    if (failure === undefined) return error
    // The original's text is from its library.
    const isOther = /unknown command "?relay/.test(failure.message)
    const reason = isOther
      ? 'its tetra has no command relay: it is the original Tetragon, or an older release'
      : failure.message.replace(/^tetra: /, '')
    return new ClusterError(`relay in pod ${this.#pod.name}: ${reason}`, failure)
  }

  [Symbol.dispose](): void {
    this.client[Symbol.dispose]()
    this.#exec.destroy()
  }
}

async function openRelay(
  { namespace, address, agentAddress }: ClusterSettings,
  timeoutMs: number,
  { name }: AgentPod,
  signal: AbortSignal,
): Promise<PodExec> {
  const of = agentAddress === undefined ? [] : ['--server-address', agentAddress]
  const command = ['tetra', 'relay', ...of]
  try {
    const relay = { namespace, pod: name, container: agentContainer, command }
    return await PodExec.open(address, relay, timeoutMs, signal)
  } catch (error) {
    const rights = `the verbs get and create on pods/exec in the namespace ${namespace}`
    throw requestFailed(`exec in pod ${name}`, address.url, rights, error)
  }
}

/**
 * The gRPC library connects to addresses only: a Unix socket for one connection, in a folder of
 * this user. Both are removed when it is connected.
 */
async function listenOnce(remote: Duplex): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tetra-'))
  const path = join(folder, 'agent.sock')
  const server = createServer((socket) => {
    close(server, folder)
    void joinBoth(socket, remote)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, resolve)
  })
  // Not before: a server that is closed too early never says that it listens.
  if (remote.destroyed) close(server, folder)
  else remote.once('close', () => close(server, folder))
  return `unix://${path}`
}

/** Closing removes the socket. */
function close(server: Server, folder: string): void {
  server.close(() => void rm(folder, { recursive: true, force: true }))
}

/** Copies both ways until one end closes. */
async function joinBoth(socket: Socket, remote: Duplex): Promise<void> {
  try {
    await pipeline(socket, remote, socket)
  } catch {
    // The client notices the end, and the relay has its own error.
    socket.destroy()
    remote.destroy()
  }
}
