import { SavedFile, savedMax } from '../../../files/saved-file.ts'
import { SavedParts } from '../../../files/saved-parts.ts'
import { version } from '../../../version.ts'
import type { PodChanges, PodFacts } from '../../pod-facts.ts'

/** Milliseconds between a change and its write. */
const saveMs = 1000

/** Content of the file. It is plain data of one version of the agent. */
interface PodFile {
  readonly version: string
  readonly pods: readonly PodFacts[]
}

/**
 * The pods of this node in a file of the agent. An agent that starts while the API server is away
 * continues with them, so that events have their labels and policies select them.
 */
export class SavedPods {
  readonly #pods = new Map<string, PodFacts>()
  readonly #parts: SavedParts
  readonly #file: SavedFile<readonly PodFacts[]>

  /**
   * @param warn receives failures to read or write the file, and pods that do not fit
   * @param max maximum number of characters of all pods
   */
  constructor(path: string, warn: (message: string) => void, max = savedMax) {
    this.#parts = new SavedParts(max, (titles) => {
      const effect = 'a restart of the agent without the API server would not know'
      warn(`save pods of the Kubernetes API: the file is full; ${effect} ${titles}`)
    })
    const encode = () => this.#encode()
    const decode = (json: unknown) => {
      const file = json as PodFile
      return file.version === version() ? file.pods : undefined
    }
    const failed = (action: string, { message }: Error) => {
      warn(`${action} pods of the Kubernetes API (${path}): ${message}`)
    }
    this.#file = new SavedFile(path, { encode, decode, failed }, saveMs)
  }

  /** The pods that an earlier agent has saved. */
  read(): readonly PodFacts[] {
    return this.#file.read() ?? []
  }

  update({ isComplete, pods, removed }: PodChanges): void {
    if (isComplete) this.#pods.clear()
    for (const pod of pods) this.#pods.set(pod.uid, pod)
    for (const uid of removed) this.#pods.delete(uid)
    this.#file.changed()
  }

  /** Pods with many labels are last: they must not displace others. */
  #encode(): string {
    const parts = [...this.#pods.values()].map((pod) => {
      return { title: `${pod.namespace}/${pod.name}`, json: JSON.stringify(pod) }
    })
    const pods = this.#parts.take(parts.sort((a, b) => a.json.length - b.json.length))
    return `{"version":${JSON.stringify(version())},"pods":[${pods.join(',')}]}`
  }

  /** Writes a change that was not written yet. */
  close(): void {
    this.#file.close()
  }
}
