import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Backoff, type BackoffMs } from '@tetragon-ts/service/retry'
import type { PodFacts } from '../../pod-facts.ts'
import type { DeclaredPod } from '../../pod-text.ts'
import { hostRoots } from '../host-roots.ts'
import {
  configureRequest,
  configureResponse,
  createRequest,
  type NriContainer,
  type NriPod,
  registerRequest,
  stateChange,
  synchronizeRequest,
  synchronizeResponse,
} from './nri-messages.ts'
import { namesOf, readNriContainer, readNriPod } from './read-nri-pod.ts'
import { TtrpcSocket } from './ttrpc-socket.ts'

/** Options of the plugin. */
export interface NriOptions {
  /** Path of the socket; empty: the usual one. */
  readonly endpoint: string
  readonly procfs: string
  /** Whether events include annotations of pods. */
  readonly annotations: boolean
}

/** Receives pods and containers, and warnings. */
export interface NriListener {
  pod(pod: PodFacts): void
  /** The runtime waits for the promise, for a limited time. */
  container(container: DeclaredPod): Promise<void>
  warn(message: string): void
}

const usual = 'run/nri/nri.sock'
const runtimeService = 'nri.pkg.api.v1alpha1.Runtime'
/** Plugins are called in the order of their index: those that change containers come first. */
const registration = { plugin_name: 'tetragon-ts', plugin_idx: '90' }
/** Bits of the events RUN_POD_SANDBOX (1) and CREATE_CONTAINER (4). */
const events = (1 << 0) | (1 << 3)
/** Maximum time that a container waits, in milliseconds; containerd ends plugins after 2 s. */
const holdMs = 500
/** Times in milliseconds. */
interface NriTimes {
  /** Between two attempts to connect. */
  readonly retry: BackoffMs
  /** Until the runtime answers the registration, which may wait for that of other plugins. */
  readonly registration: number
}

const defaultTimes: NriTimes = { retry: { min: 1000, max: 30_000 }, registration: 30_000 }
/** Maximum number of pods that a synchronization keeps for its later parts. */
const podsMax = 4096
const nothing = new Uint8Array()

/**
 * An observing plugin of the runtime (NRI): it gets pods with their labels, and containers before
 * their first process, and changes none. It connects again when the runtime restarts.
 */
export class NriPlugin {
  readonly #options: NriOptions
  readonly #listener: NriListener
  readonly #end = new AbortController()
  readonly #times: NriTimes
  #socket: TtrpcSocket | undefined
  #names = namesOf('')
  /** Pods of the parts of a synchronization so far, by id. */
  readonly #pods = new Map<string, NriPod>()
  #isRegistered = false

  constructor(options: NriOptions, listener: NriListener, times: Partial<NriTimes> = {}) {
    this.#options = options
    this.#listener = listener
    this.#times = { ...defaultTimes, ...times }
    void this.#run()
  }

  /** Whether the runtime waits for it before it creates a container. */
  get isRegistered(): boolean {
    return this.#isRegistered
  }

  close(): void {
    this.#end.abort()
    this.#socket?.close()
  }

  async #run(): Promise<void> {
    const { signal } = this.#end
    const backoff = new Backoff(this.#times.retry)
    let hasWarned = false
    while (!signal.aborted) {
      const problem = await this.#connect().catch((error: Error) => error.message)
      if (signal.aborted) return
      if (this.#isRegistered) {
        backoff.reset()
        hasWarned = false
      }
      if (!hasWarned) {
        const effect = 'policies may decide later about new containers until it succeeds'
        this.#listener.warn(`follow containers at ${this.#path}: ${problem}; ${effect}`)
      }
      hasWarned = true
      this.#isRegistered = false
      await backoff.pause({ signal, ref: false })
    }
  }

  get #path(): string {
    const { endpoint, procfs } = this.#options
    if (endpoint !== '') return endpoint.replace(/^unix:\/\//, '')
    const paths = hostRoots(procfs).map((root) => `${root}/${usual}`)
    return paths.find((path) => existsSync(path)) ?? `/${usual}`
  }

  /** @returns the reason of the end of the connection */
  async #connect(): Promise<string> {
    const socket = await TtrpcSocket.connect(this.#path, (method, payload) =>
      this.#answer(method, payload),
    )
    this.#socket = socket
    if (this.#end.signal.aborted) socket.close()
    this.#pods.clear()
    const request = registerRequest.encode(registration)
    try {
      await socket.call(runtimeService, 'RegisterPlugin', request, this.#times.registration)
    } catch (error) {
      // A runtime that refuses may leave the connection open.
      socket.close()
      throw error
    }
    this.#isRegistered = true
    return socket.ended
  }

  /** Answers a call of the runtime. @throws Error if the payload is malformed */
  async #answer(method: string, payload: Buffer): Promise<Uint8Array | undefined> {
    switch (method) {
      case 'Configure':
        this.#names = namesOf(configureRequest.decode(payload).runtime_name ?? '')
        return configureResponse.encode({ events })
      case 'Synchronize':
        return this.#synchronize(payload)
      case 'CreateContainer': {
        const { pod = {}, container = {} } = createRequest.decode(payload)
        const limit = sleep(holdMs, undefined, { ref: false })
        await Promise.race([this.#create(pod, container), limit])
        return nothing
      }
      case 'StateChange': {
        const { pod } = stateChange.decode(payload)
        if (pod !== undefined) this.#add(pod)
        return nothing
      }
      case 'Shutdown':
      case 'UpdateContainer':
      case 'StopContainer':
        return nothing
      default:
        return undefined
    }
  }

  async #synchronize(payload: Buffer): Promise<Uint8Array> {
    const { pods = [], containers = [], more = false } = synchronizeRequest.decode(payload)
    for (const pod of pods) {
      this.#add(pod)
      if (pod.id !== undefined && this.#pods.size < podsMax) this.#pods.set(pod.id, pod)
    }
    for (const container of containers) {
      const pod = this.#pods.get(container.pod_sandbox_id ?? '')
      if (pod !== undefined) void this.#create(pod, container)
    }
    if (!more) this.#pods.clear()
    return synchronizeResponse.encode({ more })
  }

  #add(pod: NriPod): PodFacts | undefined {
    const facts = readNriPod(pod, this.#options.annotations)
    if (facts !== undefined) this.#listener.pod(facts)
    return facts
  }

  async #create(pod: NriPod, container: NriContainer): Promise<void> {
    const facts = this.#add(pod)
    const declared = facts && readNriContainer(facts, container, this.#names)
    if (declared !== undefined) await this.#listener.container(declared)
  }
}
