import { Backoff } from '@tetragon-ts/service/retry'
import { pause } from '@tetragon-ts/service/timers'
import type { AgentClient } from '../connection/agent-client.ts'
import type { AgentConnection } from './agent-connection.ts'
import type { AgentPod } from './agent-pods.ts'
import type { ClusterConnection } from './cluster-connection.ts'
import { ClusterError } from './cluster-error.ts'
import { noAgent, type Roster } from './roster.ts'

/** Time until the start is reported, even if agents have not answered yet, in milliseconds. */
const startMs = 10_000
/** Pauses before an agent is connected again, in milliseconds. */
const retryMs = { min: 1000, max: 30_000 }
/** Number of health checks within the time limit of a response. */
const checks = 3

/** Uses a connection until it ends. @param connected the agent has answered */
export type UseAgent = (
  client: AgentClient,
  node: string,
  connected: () => void,
  signal: AbortSignal,
) => Promise<void>

/**
 * Keeps a connection to each agent of a cluster: also to new ones, and again to those that fail. An
 * agent that does not answer is reported as missing.
 */
export class AgentFollower {
  readonly #cluster: ClusterConnection
  readonly #roster: Roster
  readonly #use: UseAgent
  readonly #end = new AbortController()
  /** Ends of the connections by uid of the pod. */
  readonly #followed = new Map<string, AbortController>()
  readonly #tasks = new Set<Promise<void>>()
  #hasConnected = false
  #refusal: ClusterError | undefined
  readonly #onConnected: () => void

  /** @param onConnected an agent has answered, perhaps about its health only: once a connection */
  constructor(
    cluster: ClusterConnection,
    roster: Roster,
    use: UseAgent,
    onConnected: () => void = () => {},
  ) {
    this.#cluster = cluster
    this.#roster = roster
    this.#use = use
    this.#onConnected = onConnected
  }

  /**
   * Follows the agents until the signal.
   * @throws ClusterError if they cannot be listed, or the API server refuses the first connection
   */
  async run(signal: AbortSignal): Promise<void> {
    const abort = (): void => this.#end.abort()
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    let late: NodeJS.Timeout | undefined
    try {
      const { pods, nodesWithout } = await this.#cluster.find(this.#end.signal)
      for (const { node } of pods) this.#roster.expect(node)
      for (const node of nodesWithout) this.#roster.missing(node, noAgent)
      late = setTimeout(() => this.#roster.start(), startMs)
      this.#follow(pods)
      await this.#cluster.pods.watch(
        (current) => this.#follow(current),
        (error) => this.#roster.note(`watch the pods of the agents: ${error.message}`),
        this.#end.signal,
      )
    } catch (error) {
      if (!this.#end.signal.aborted) throw error
    } finally {
      clearTimeout(late)
      signal.removeEventListener('abort', abort)
      abort()
      await Promise.all(this.#tasks)
    }
    if (this.#refusal !== undefined) throw this.#refusal
  }

  /** Starts and ends connections so that they are those of the current pods. */
  #follow(pods: readonly AgentPod[]): void {
    const usable = new Set(pods.filter(({ problem }) => problem === '').map(({ uid }) => uid))
    for (const { node } of pods) this.#roster.expect(node)
    for (const [uid, end] of this.#followed) {
      if (usable.has(uid)) continue
      end.abort()
      // Its end may take until the output is read; the pod may be usable before.
      this.#followed.delete(uid)
    }
    this.#roster.keepOnly(new Set(pods.map(({ node }) => node)))
    for (const pod of pods) {
      if (pod.problem !== '') this.#roster.missing(pod.node, pod.problem)
      else if (!this.#followed.has(pod.uid)) this.#start(pod)
    }
  }

  #start(pod: AgentPod): void {
    const end = new AbortController()
    this.#followed.set(pod.uid, end)
    const signal = AbortSignal.any([this.#end.signal, end.signal])
    const task = this.#keep(pod, signal).finally(() => {
      if (this.#followed.get(pod.uid) === end) this.#followed.delete(pod.uid)
      this.#tasks.delete(task)
    })
    this.#tasks.add(task)
  }

  async #keep(pod: AgentPod, signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(retryMs)
    while (!signal.aborted) {
      let isConnected = false
      const error = await this.#once(pod, signal, () => {
        if (!isConnected) this.#onConnected()
        isConnected = true
        this.#hasConnected = true
        this.#roster.connected(pod.node)
      })
      if (signal.aborted) return
      // The rights are the same for all agents.
      if (error instanceof ClusterError && error.isRefusal && !this.#hasConnected) {
        this.#refusal = error
        this.#end.abort()
        return
      }
      this.#roster.missing(pod.node, error.message)
      if (isConnected) backoff.reset()
      await backoff.pause({ signal })
    }
  }

  /** One connection. @returns why it ended */
  async #once(pod: AgentPod, signal: AbortSignal, connected: () => void): Promise<Error> {
    let connection: AgentConnection | undefined
    const end = new AbortController()
    const both = AbortSignal.any([signal, end.signal])
    try {
      connection = await this.#cluster.connect(pod, signal)
      const { client } = connection
      void this.#checkHealth(client, pod.node, connected, both)
      await this.#use(client, pod.node, connected, both)
      return new Error('the agent ended the stream')
    } catch (error) {
      return connection?.explain(error as Error) ?? (error as Error)
    } finally {
      end.abort()
      connection?.[Symbol.dispose]()
    }
  }

  /** An agent without events and one that has stopped look the same. */
  async #checkHealth(
    client: AgentClient,
    node: string,
    connected: () => void,
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      await pause(this.#cluster.timeoutMs / checks, { signal })
      if (signal.aborted) return
      try {
        await client.call('GetHealth', {})
        if (!signal.aborted) connected()
      } catch {
        if (!signal.aborted) this.#roster.missing(node, 'the agent does not answer')
      }
    }
  }
}
