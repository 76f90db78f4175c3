import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { FakeApiServer } from '@tetragon-ts/kubernetes/testing'
import { type WebSocket, WebSocketServer } from 'ws'
import { TestAgent } from './test-agent.ts'

const program = fileURLToPath(new URL('../../bin/tetra.js', import.meta.url))
const pods = '/api/v1/pods'
const execPath = /^\/api\/v1\/namespaces\/kube-system\/pods\/([^/]+)\/exec\?/

/** An API server with pods of agents. A command in a pod runs on this machine. */
export class FakeCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'tetra-cluster-'))
  readonly kubeconfig = join(this.folder, 'config')
  /** Status of all answers to commands, instead of running them. */
  refuses: number | undefined
  /** Subprotocol of the server. */
  protocol = 'v4.channel.k8s.io'
  /** Commands that run. */
  readonly running = new Set<WebSocket>()
  readonly #agents = new Map<string, TestAgent>()
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    handleProtocols: () => this.protocol,
  })

  static async start(): Promise<FakeCluster> {
    return new FakeCluster(await FakeApiServer.start())
  }

  readonly api: FakeApiServer

  private constructor(api: FakeApiServer) {
    this.api = api
    api.onUpgrade((request, socket, head) => this.#exec(request, socket, head))
    const config = {
      clusters: [{ name: 'c', cluster: { server: api.url } }],
      users: [{ name: 'u', user: { token: 'secret' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }
    writeFileSync(this.kubeconfig, JSON.stringify(config))
  }

  /** Options of tetra. */
  get options(): string[] {
    return ['--cluster', '--kubeconfig', this.kubeconfig]
  }

  /** Adds a node with an agent. */
  async addAgent(node: string): Promise<TestAgent> {
    const agent = await TestAgent.start(join(this.folder, `${node}.sock`))
    this.#agents.set(`tetragon-${node}`, agent)
    this.setPod(node, { running: {} })
    this.addNode(node)
    return agent
  }

  addNode(node: string): void {
    this.api.set('/api/v1/nodes', { metadata: { name: node } })
  }

  /** Sets the state of the container in the pod of an agent. */
  setPod(node: string, state: object): void {
    this.api.set(pods, {
      ...this.#pod(node),
      spec: { nodeName: node },
      status: { phase: 'Running', containerStatuses: [{ name: 'tetragon', state }] },
    })
  }

  deletePod(node: string): void {
    this.api.delete(pods, this.#pod(node))
  }

  #pod(node: string) {
    const name = `tetragon-${node}`
    return { metadata: { name, namespace: 'kube-system', uid: `uid-${node}` } }
  }

  /** Breaks the connections to all pods. */
  breakConnections(): void {
    for (const socket of this.running) socket.terminate()
  }

  async stop(): Promise<void> {
    this.breakConnections()
    for (const agent of this.#agents.values()) await agent.stop()
    this.api.close()
    rmSync(this.folder, { recursive: true })
  }

  #exec(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { authorization } = request.headers
    const agent = this.#agents.get(execPath.exec(request.url ?? '')?.[1] ?? '')
    const status = authorization === 'Bearer secret' ? this.refuses : 401
    if (status !== undefined || agent === undefined) {
      const body = JSON.stringify({ message: 'User "u" cannot get resource "pods/exec"' })
      const length = `content-length: ${body.length}`
      socket.end(`HTTP/1.1 ${status ?? 404} Refused\r\n${length}\r\n\r\n${body}`)
      return
    }
    const { searchParams } = new URL(request.url ?? '', 'http://server')
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.running.add(webSocket.on('close', () => this.running.delete(webSocket)))
      const [name, ...words] = searchParams.getAll('command')
      if (name !== 'tetra') throw new Error(`unexpected command ${name}`)
      // The agent's address in its pod.
      runInPod(webSocket, [...words, '--server-address', `unix://${agent.path}`])
    })
  }
}

/** Runs tetra as the kubelet does. */
function runInPod(webSocket: WebSocket, words: readonly string[]): void {
  const child = spawn(process.execPath, [program, ...words])
  const send = (channel: number) => (data: Buffer) => {
    webSocket.send(Buffer.concat([Buffer.of(channel), data]))
  }
  child.stdout.on('data', send(1))
  child.stderr.on('data', send(2))
  child.stdin.on('error', () => {})
  webSocket.on('message', (data: Buffer) => child.stdin.write(data.subarray(1)))
  webSocket.on('close', () => child.stdin.end())
  child.on('close', (code) => {
    const causes = [{ reason: 'ExitCode', message: String(code) }]
    const status = code === 0 ? { status: 'Success' } : { status: 'Failure', details: { causes } }
    send(3)(Buffer.from(JSON.stringify(status)))
    webSocket.close()
  })
}
