import type { ApiClient, KubeObject } from '@tetragon-ts/kubernetes'
import { WorkQueue } from '../work-queue.ts'
import { failureCounter, type WriteListener } from '../write-listener.ts'
import { Digests, noAddress, type Side } from './digests.ts'
import { digestOf, podInfoOf, readPodInfo } from './pod-info.ts'
import { watchDigests } from './watch-digests.ts'
import { podInfoPath, podPath, writePodInfo } from './write-pod-info.ts'

/** Numbers since the start. */
export interface PodInfoCounts {
  created: number
  updated: number
  /** Attempts to write a PodInfo that failed. */
  errors: number
}

function digestOfPod(pod: KubeObject): number {
  const info = podInfoOf(pod)
  return info === undefined ? noAddress : digestOf(info)
}

/** The two watches: kind for messages, path, and the digest of an object. */
const watches = {
  wanted: ['pods', podPath, digestOfPod],
  stored: ['PodInfo objects', podInfoPath, (object) => digestOf(readPodInfo(object))],
} as const satisfies Record<Side, readonly [string, string, (object: KubeObject) => number]>

/**
 * Writes a PodInfo for each pod that has an address, and updates it when the pod changes. Of each
 * object only a digest is kept; a write reads the pod again. The API server removes a PodInfo with
 * its pod.
 */
export class PodInfos {
  readonly #client: ApiClient
  readonly #listener: WriteListener
  readonly #signal: AbortSignal
  readonly #digests = new Digests()
  readonly #queue: WorkQueue
  readonly #watching: Promise<unknown>
  readonly #counts: PodInfoCounts

  /**
   * Starts; does not wait for the API server.
   * @param counts are incremented
   * @param signal ends it
   */
  constructor(
    client: ApiClient,
    listener: WriteListener,
    counts: PodInfoCounts,
    signal: AbortSignal,
  ) {
    this.#client = client
    this.#listener = listener
    this.#counts = counts
    this.#signal = signal
    const failed = failureCounter(counts, listener)
    this.#queue = new WorkQueue({ run: (key) => this.#write(key), failed }, signal)
    this.#watching = Promise.all([this.#watch('wanted'), this.#watch('stored')])
  }

  /** Numbers of pods and PodInfo objects, and of those that wait to be written. */
  get sizes(): { readonly pods: number; readonly podInfos: number; readonly waiting: number } {
    const { size: waiting } = this.#queue
    return { pods: this.#digests.size('wanted'), podInfos: this.#digests.size('stored'), waiting }
  }

  /** Waits until nothing is written any more; after the signal. */
  async close(): Promise<void> {
    await this.#watching
    await this.#queue.close()
  }

  #watch(side: Side): Promise<void> {
    const [kind, path, digest] = watches[side]
    const digests = this.#digests
    return watchDigests(
      this.#client,
      path,
      digest,
      {
        replace: (all) => {
          digests.replace(side, all)
          for (const key of digests.differences()) this.#queue.add(key)
        },
        change: (key, value) => {
          digests.set(side, key, value)
          if (digests.differs(key)) this.#queue.add(key)
        },
        remove: (key) => {
          digests.delete(side, key)
          // A PodInfo that someone deleted is written again.
          if (digests.differs(key)) this.#queue.add(key)
        },
        started: () => this.#listener.watched(kind, undefined),
        failed: (error) => this.#listener.watched(kind, error),
      },
      this.#signal,
    )
  }

  /** The digest of what was written comes from the watch: the object may be deleted already. */
  async #write(key: string): Promise<void> {
    const isNew = !this.#digests.has('stored', key)
    const operation = await writePodInfo(this.#client, key, isNew, this.#signal)
    if (operation === 'create') this.#counts.created++
    if (operation === 'update') this.#counts.updated++
  }
}
