import { RuntimeClient, runtimeAddress } from '@tetragon-ts/kubernetes/cri'
import { Semaphore } from '@tetragon-ts/service/queue'
import { Backoff } from '@tetragon-ts/service/retry'
import { pause } from '@tetragon-ts/service/timers'
import type { PodFacts } from '../../pod-facts.ts'
import { hostRoots } from '../host-roots.ts'
import { readRuntimePod } from './read-runtime-pod.ts'

/** Options of the lookups. */
export interface RuntimeLookupOptions {
  /** Address or path of the socket; empty: the first usual one that exists. */
  readonly endpoint: string
  readonly procfs: string
  /** Milliseconds after which a container that the runtime does not know is given up. */
  readonly waitMs: number
  /**
   * How long the runtime may say that it does not know a container, in milliseconds (6000): any
   * name of a control group may look like that of a container.
   */
  readonly unknownMs?: number
  /** Whether events include annotations of pods. */
  readonly annotations: boolean
}

/** Receives pods and warnings. */
export interface RuntimeLookupListener {
  found(pod: PodFacts): void
  warn(message: string): void
}

/** Lookups since the start. */
export interface RuntimeLookupCounts {
  /** Containers that were looked up. */
  readonly total: number
  /** Containers that the runtime did not answer for in time. */
  readonly failed: number
}

/** Maximum number of containers that wait for an answer. */
const waitingMax = 1024
/** Maximum number of simultaneous lookups. */
const parallelMax = 4
/** Time limit of a call, in milliseconds. */
const callMs = 2000
/** Pauses until a lookup is repeated, in milliseconds. */
const retryMs = { min: 100, max: 5000 }

/**
 * Looks the pods of containers up in the CRI socket of the runtime. Events never wait for it: they
 * have what it says when they are written after its answer.
 */
export class RuntimeLookups {
  readonly #options: RuntimeLookupOptions
  readonly #listener: RuntimeLookupListener
  readonly #end = new AbortController()
  readonly #calls = new Semaphore(parallelMax)
  #socket: RuntimeClient | undefined
  #scheme = ''
  #waiting = 0
  #total = 0
  #failed = 0
  #hasWarned = false

  constructor(options: RuntimeLookupOptions, listener: RuntimeLookupListener) {
    this.#options = options
    this.#listener = listener
  }

  get counts(): RuntimeLookupCounts {
    return { total: this.#total, failed: this.#failed }
  }

  /** Looks containers up by their full ids. */
  lookUp(ids: readonly string[]): void {
    for (const id of ids) {
      this.#total++
      if (this.#waiting >= waitingMax) this.#failed++
      else {
        this.#waiting++
        void this.#repeat(id)
      }
    }
  }

  close(): void {
    this.#end.abort()
    this.#socket?.close()
  }

  /** Asks until there is an answer: the runtime may not have finished the creation. */
  async #repeat(id: string): Promise<void> {
    const deadline = performance.now() + this.#options.waitMs
    const { signal } = this.#end
    const { unknownMs = 6000 } = this.#options
    let unknownUntil: number | undefined
    let problem: string | undefined
    const backoff = new Backoff(retryMs)
    while (!signal.aborted) {
      try {
        const pod = await this.#calls.run(() => this.#ask(id))
        this.#hasWarned = false
        problem = undefined
        if (pod !== undefined && !signal.aborted) return this.#found(pod)
        unknownUntil ??= performance.now() + unknownMs
        if (performance.now() >= unknownUntil) break
      } catch (error) {
        problem = (error as Error).message
      }
      const ms = backoff.next()
      if (performance.now() + ms > deadline) break
      await pause(ms, { signal, ref: false })
    }
    if (!signal.aborted) this.#giveUp(problem)
  }

  #found(pod: PodFacts): void {
    this.#waiting--
    this.#listener.found(pod)
  }

  /** @param problem undefined: the runtime does not know the container */
  #giveUp(problem: string | undefined): void {
    this.#waiting--
    this.#failed++
    if (problem === undefined || this.#hasWarned) return
    this.#hasWarned = true
    const effect = 'events have what else is known'
    this.#listener.warn(`find pods through --cri-endpoint: ${problem}; ${effect}`)
  }

  /** @returns undefined if the runtime does not know the container, or names no pod */
  async #ask(id: string): Promise<PodFacts | undefined> {
    const socket = await this.#open()
    const { containers = [] } = await socket.call('ListContainers', { filter: { id } }, callMs)
    const container = containers.find((each) => each.id === id)
    const sandboxId = container === undefined ? id : container.pod_sandbox_id
    const { items = [] } = await socket.call(
      'ListPodSandbox',
      { filter: { id: sandboxId } },
      callMs,
    )
    // Filters may match prefixes.
    const sandbox = items.find((each) => each.id === sandboxId)
    if (sandbox === undefined) return undefined
    const answer =
      container &&
      (await socket.call('ContainerStatus', { container_id: id, verbose: false }, callMs))
    const status = answer?.status?.id === id ? answer.status : undefined
    const scheme = this.#scheme
    return readRuntimePod({ scheme, sandbox, status }, this.#options.annotations)
  }

  /** The socket, which may be created after the agent has started. */
  async #open(): Promise<RuntimeClient> {
    if (this.#socket !== undefined && this.#scheme !== '') return this.#socket
    const address = runtimeAddress(this.#options.endpoint, hostRoots(this.#options.procfs))
    if (address === undefined) throw new Error('there is no socket of a container runtime')
    this.#socket ??= new RuntimeClient(address)
    const { runtime_name: name = '' } = await this.#socket.call('Version', {}, callMs)
    if (!/^[a-z-]{1,32}$/.test(name)) {
      throw new Error(`query container runtime at ${address}: invalid name ${JSON.stringify(name)}`)
    }
    this.#scheme = name
    return this.#socket
  }
}
