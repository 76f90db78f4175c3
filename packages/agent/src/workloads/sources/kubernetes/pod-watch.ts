import { ApiClient, watchFailure, watchResources } from '@tetragon-ts/kubernetes'
import { clusterAddress } from '../../../kubernetes/cluster-address.ts'
import type { PodChanges, PodFacts } from '../../pod-facts.ts'
import { readPod } from './read-pod.ts'
import { SavedPods } from './saved-pods.ts'
import { TextLimit } from './text-limit.ts'

/** Milliseconds that the first list may take before the saved pods are used. */
const listMs = 10_000

/** Options of the connection to the API server. */
export interface KubernetesOptions {
  /** Path of a kubeconfig file; empty: the service account of the agent's pod. */
  readonly kubeconfig: string
  /** Name of the node in the API. */
  readonly nodeName: string
  /** Whether events include annotations of pods. */
  readonly annotations: boolean
  /** Path of the file with the pods that an earlier agent knew. */
  readonly savedPath: string
}

/** Receives changes and warnings of the watch. */
export interface PodWatchListener {
  changed(changes: PodChanges): void
  warn(message: string): void
}

/** Counts since the start. */
export interface PodWatchCounts {
  /** Objects added, changed or removed. */
  readonly events: number
  /** Requests that failed. */
  readonly errors: number
}

/** Watches the pods of a node in the API server, until it is closed. */
export class PodWatch {
  readonly #listener: PodWatchListener
  readonly #end = new AbortController()
  readonly #running: Promise<void>
  readonly #limit: TextLimit
  readonly #saved: SavedPods
  /** Set until the pods are known, from the API server or from the file. */
  #late: NodeJS.Timeout | undefined
  #events = 0
  #errors = 0

  /** Starts watching; does not wait for the server. @throws AgentError AGENT_OPTION */
  constructor(
    { kubeconfig, nodeName, annotations, savedPath }: KubernetesOptions,
    listener: PodWatchListener,
    env: NodeJS.ProcessEnv = process.env,
  ) {
    this.#listener = listener
    this.#limit = new TextLimit((message) => listener.warn(message))
    this.#saved = new SavedPods(savedPath, (message) => listener.warn(message))
    this.#late = setTimeout(() => this.#useSaved(), listMs).unref()
    const client = new ApiClient(clusterAddress(kubeconfig, env))
    const selector = `fieldSelector=${encodeURIComponent(`spec.nodeName=${nodeName}`)}`
    // A list of whole objects would need much memory.
    this.#running = watchResources<PodFacts>(
      client,
      '/api/v1/pods',
      selector,
      {
        read: (pod) => readPod(pod, annotations),
        replace: (pods) => this.#changed({ isComplete: true, pods, removed: [] }),
        change: (pod) => this.#changed({ isComplete: false, pods: [pod], removed: [] }),
        remove: ({ uid }) => this.#changed({ isComplete: false, pods: [], removed: [uid] }),
        failed: (error, isFirst) => this.#failed(error, isFirst),
      },
      this.#end.signal,
    )
  }

  get counts(): PodWatchCounts {
    return { events: this.#events, errors: this.#errors }
  }

  async close(): Promise<void> {
    this.#end.abort()
    await this.#running
    clearTimeout(this.#late)
    this.#saved.close()
  }

  /** The API server does not answer: the pods of an earlier agent are better than none. */
  #useSaved(): void {
    if (this.#late === undefined) return
    this.#known()
    const saved = { isComplete: false, pods: this.#saved.read(), removed: [] }
    this.#listener.changed(this.#limit.apply(saved))
  }

  #known(): void {
    clearTimeout(this.#late)
    this.#late = undefined
  }

  #changed(changes: PodChanges): void {
    this.#events += changes.pods.length + changes.removed.length
    if (changes.isComplete) this.#known()
    const limited = this.#limit.apply(changes)
    this.#saved.update(limited)
    this.#listener.changed(limited)
  }

  #failed(error: Error, isFirst: boolean): void {
    this.#errors++
    this.#useSaved()
    if (!isFirst) return
    const effect = 'events lack labels and workloads of new pods until it succeeds'
    this.#listener.warn(`${watchFailure('pods', error)}; ${effect}`)
  }
}
