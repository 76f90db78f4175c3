import type { GetEventsRequest, RequestOf, ResponseOf } from '@tetragon-ts/api'
import { retry } from '@tetragon-ts/service/retry'
import type { Rpcs, UnaryName, WatchName } from '../connection/agent-client.ts'
import type { AgentAnswer, Agents, EventStream } from '../connection/agents.ts'
import type { ConnectionSettings } from '../connection/settings.ts'
import type { AgentConnection } from './agent-connection.ts'
import type { AgentPod } from './agent-pods.ts'
import { ClusterConnection } from './cluster-connection.ts'
import { ClusterError } from './cluster-error.ts'
import type { ClusterSettings } from './cluster-settings.ts'
import { AgentFollower } from './follow-agents.ts'
import { MergedEvents } from './merged-events.ts'
import { noAgent, Roster } from './roster.ts'
import { Rounds } from './rounds.ts'

/** Pauses before a call is repeated, in milliseconds. */
const pauses = { min: 1000, max: Number.POSITIVE_INFINITY }
/** Limits of events that wait for earlier ones; they also wait here while the output is blocked. */
const mergeLimits = { events: 20_000, bytes: 1 << 25 }

/** All agents of a cluster. */
export class ClusterAgents implements Agents {
  readonly hasNodes = true
  readonly #cluster: ClusterConnection
  readonly #settings: ConnectionSettings
  readonly #report: (line: string) => void
  readonly #end = new AbortController()

  /** @param report writes a line about missing nodes */
  constructor(
    cluster: ClusterSettings,
    settings: ConnectionSettings,
    report: (line: string) => void,
  ) {
    this.#cluster = new ClusterConnection(cluster, settings)
    this.#settings = settings
    this.#report = report
  }

  async call<Name extends UnaryName>(
    name: Name,
    request: RequestOf<Rpcs[Name]>,
    node?: string,
  ): Promise<AgentAnswer<ResponseOf<Rpcs[Name]>>[]> {
    const { pods, nodesWithout } = await this.#cluster.find(this.#end.signal)
    const isWanted = (other: string): boolean => node === undefined || node === other
    const wanted = pods.filter((pod) => isWanted(pod.node))
    const answers = await Promise.all(wanted.map((pod) => this.#answer(pod, name, request)))
    const missing = nodesWithout.filter(isWanted).map((node) => ({ node, failure: noAgent }))
    return [...answers, ...missing].sort((a, b) => (a.node < b.node ? -1 : 1))
  }

  /** @throws ClusterError if the API server refuses the connection */
  async #answer<Name extends UnaryName>(
    pod: AgentPod,
    name: Name,
    request: RequestOf<Rpcs[Name]>,
  ): Promise<AgentAnswer<ResponseOf<Rpcs[Name]>>> {
    const { node, problem } = pod
    if (problem !== '') return { node, failure: problem }
    try {
      return { node, response: await this.#ask(pod, name, request) }
    } catch (error) {
      if (error instanceof ClusterError && error.isRefusal) throw error
      return { node, failure: (error as Error).message }
    }
  }

  #ask<Name extends UnaryName>(
    pod: AgentPod,
    name: Name,
    request: RequestOf<Rpcs[Name]>,
  ): Promise<ResponseOf<Rpcs[Name]>> {
    const { retries } = this.#settings
    const { signal } = this.#end
    const again = (error: Error, failures: number): boolean =>
      error instanceof ClusterError && !error.isRefusal && failures <= retries
    return retry(() => this.#askOnce(pod, name, request), { pauses, signal, again })
  }

  async #askOnce<Name extends UnaryName>(
    pod: AgentPod,
    name: Name,
    request: RequestOf<Rpcs[Name]>,
  ): Promise<ResponseOf<Rpcs[Name]>> {
    let connection: AgentConnection | undefined
    try {
      connection = await this.#cluster.connect(pod, this.#end.signal)
      return await connection.client.call(name, request)
    } catch (error) {
      throw connection?.explain(error as Error) ?? error
    } finally {
      connection?.[Symbol.dispose]()
    }
  }

  async *watch<Name extends WatchName>(
    name: Name,
    request: RequestOf<Rpcs[Name]>,
    signal: AbortSignal,
  ): AsyncGenerator<AgentAnswer<ResponseOf<Rpcs[Name]>>[], void, undefined> {
    // Each round names the missing nodes.
    const roster = new Roster(() => {})
    const rounds = new Rounds<ResponseOf<Rpcs[Name]>>(roster, request.interval)
    const end = new AbortController()
    const follower = new AgentFollower(
      this.#cluster,
      roster,
      async (client, node, connected, until) => {
        for await (const response of client.watch(name, request, until)) {
          connected()
          rounds.add(node, response)
        }
      },
    )
    const both = AbortSignal.any([signal, end.signal])
    const run = follower.run(both).finally(() => rounds.end())
    // Its error is thrown below, after the last round.
    run.catch(() => {})
    try {
      for await (const round of rounds) yield round
      await run
    } finally {
      end.abort()
      await run.catch(() => {})
    }
  }

  events(request: GetEventsRequest, windowMs: number): EventStream {
    const roster = new Roster(this.#report)
    const merged = new MergedEvents({ ...mergeLimits, windowMs }, (line) => roster.note(line))
    let isThere = (): void => {}
    const end = new AbortController()
    const follower = new AgentFollower(
      this.#cluster,
      roster,
      async (client, node, connected, until) => {
        // An aborted signal has no event any more.
        if (until.aborted) return
        const stream = client.events(request)
        const cancel = (): void => stream.cancel()
        until.addEventListener('abort', cancel)
        stream.once('metadata', connected)
        try {
          for await (const chunk of stream) {
            connected()
            await merged.add(chunk, node)
          }
        } finally {
          until.removeEventListener('abort', cancel)
          stream.on('error', () => {})
          stream.cancel()
        }
      },
      () => isThere(),
    )
    follower.run(end.signal).catch((error) => merged.destroy(error))
    let isOpen = true
    const close = (): void => {
      if (!isOpen) return
      isOpen = false
      end.abort()
      merged.finish()
      roster.end()
      const { late } = merged
      const events = late === 1 ? '1 event' : `${late} events`
      if (late > 0) this.#report(`${events} came too late to be printed in order`)
    }
    const explain = (error: Error) => (error instanceof ClusterError ? error : undefined)
    const onConnected = (act: () => void): void => {
      isThere = act
    }
    return { chunks: merged, onConnected, close, explain }
  }

  [Symbol.dispose](): void {
    this.#end.abort()
  }
}
