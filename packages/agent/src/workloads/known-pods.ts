import { ApiPods } from './api-pods.ts'
import type { PodFacts } from './pod-facts.ts'
import type { DeclaredPod } from './pod-text.ts'
import { RuntimePods } from './runtime-pods.ts'

/** What is known about pods besides the files of the runtimes. */
export class KnownPods {
  /** Pods of the API server, which knows most. */
  readonly api: ApiPods
  /** Pods of the runtime's socket. */
  readonly runtime: RuntimePods
  /** By container; from hooks of the runtime. */
  readonly #hooked = new Map<string, DeclaredPod>()
  readonly #max: number

  /**
   * @param deletedMax maximum number of deleted pods of the API server
   * @param max maximum number of pods of each other source
   */
  constructor(deletedMax: number, max: number) {
    this.api = new ApiPods(deletedMax)
    this.runtime = new RuntimePods(max)
    this.#max = max
  }

  /** The pod of a container without a declared pod. */
  ofContainer(id: string): PodFacts | undefined {
    return this.api.ofContainer(id) ?? this.runtime.ofContainer(id)
  }

  /** More about a declared pod. */
  of({ id, pod }: DeclaredPod): PodFacts | undefined {
    if (pod.uid === '') return this.ofContainer(id)
    return this.api.declaredAs(pod) ?? this.runtime.withUid(pod.uid)
  }

  /** The pod that a hook of the runtime declared for a container. */
  hooked(id: string): DeclaredPod | undefined {
    return this.#hooked.get(id)
  }

  /** Adds the declaration of a hook; the oldest ones are dropped. */
  addHooked(pod: DeclaredPod): void {
    this.#hooked.delete(pod.id)
    this.#hooked.set(pod.id, pod)
    if (this.#hooked.size > this.#max) {
      this.#hooked.delete(this.#hooked.keys().next().value as string)
    }
  }
}
