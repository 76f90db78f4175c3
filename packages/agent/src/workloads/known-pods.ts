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
  /** Uids by container; from the names of control groups. */
  readonly #placed = new Map<string, string>()
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
    const named = this.api.ofContainer(id) ?? this.runtime.ofContainer(id)
    if (named !== undefined) return named
    const uid = this.#placed.get(id)
    return uid === undefined ? undefined : this.api.withUid(uid)
  }

  /** Adds the uid of the pod in whose control group a container is. */
  place(id: string, uid: string): void {
    put(this.#placed, id, uid, this.#max)
  }

  /** Whether a container is in the control group of a pod. */
  isPlaced(id: string): boolean {
    return this.#placed.has(id)
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
    put(this.#hooked, pod.id, pod, this.#max)
  }
}

/** Makes an entry the newest one of a map, and drops the oldest ones beyond a number. */
function put<Value>(map: Map<string, Value>, key: string, value: Value, max: number): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= max) return
    map.delete(oldest)
  }
}
