import type { Process } from '../processes/process.ts'
import { isUnnamed, noWorkload, type Workload } from '../processes/workload.ts'
import { containerIdsOfNames, podUidOfCgroup, shownContainerId } from './container-id.ts'
import type { FoundContainer, Pods } from './pods.ts'
import { type Member, relativePids } from './relative-pids.ts'

/** More than the kernel side's table: it would not send an evicted group again. */
const capacity = 8192

/** Names of a control group and of those around it. */
export interface GroupNames {
  /** Those that may have a container id, outermost last. */
  readonly names: readonly string[]
  /** Name of the folder of the outermost one. */
  readonly folder?: string
  /**
   * User who may have created the outermost one: only containers of root are in pods, others may
   * have the id of another container.
   */
  readonly owner?: number
}

interface CachedGroup {
  /** Full ids of the group's containers, innermost first. */
  readonly ids: readonly string[]
  readonly workload: Workload
  /** Whether the workload does not change any more. */
  isFinal: boolean
  /** Used since it was last checked as the oldest one. */
  isUsed: boolean
}

/** Workloads by control group; the kernel side sends a group before its first process. */
export class Containers {
  readonly #pods: Pods | undefined
  readonly #capacity: number
  readonly #cache = new Map<number, CachedGroup>()
  /** Called when the pod of a workload is found after its first process. */
  onChange: ((workload: Workload) => void) | undefined
  /** Called when the pod of a group is found. */
  onPod: ((cgroup: number) => void) | undefined

  /** @param pods undefined: pods stay unknown */
  constructor(pods?: Pods, max = capacity) {
    this.#pods = pods
    this.#capacity = max
  }

  /**
   * Adds a group, possibly again.
   * @param cgroup its id in the kernel
   * @returns full ids of its containers, innermost first
   */
  add(cgroup: number, { names, folder = '', owner = 0 }: GroupNames): readonly string[] {
    const ids = containerIdsOfNames(names)
    if (String(this.#cache.get(cgroup)?.ids) === String(ids)) return ids
    const uid = owner === 0 ? podUidOfCgroup(folder) : undefined
    if (uid !== undefined && ids.length > 0) this.#pods?.place(ids[ids.length - 1], uid)
    const isInside = ids.length > 0
    const docker = isInside ? shownContainerId(ids[0]) : ''
    const workload = isInside ? { docker, pod: undefined, container: undefined } : noWorkload
    const isFinal = !isInside || owner !== 0
    this.#cache.delete(cgroup)
    this.#cache.set(cgroup, { ids, workload, isFinal, isUsed: false })
    while (this.#cache.size > this.#capacity) this.#evictOne()
    return ids
  }

  /**
   * The workload of a group's processes.
   * @param last workload of the previous image, for an evicted group: the kernel side does not
   *   send the group of that image again
   * @param parent the cached parent of the process
   */
  of(member: Member, last: Workload = noWorkload, parent?: Process | undefined): Workload {
    const { cgroup } = member
    const group = this.#cache.get(cgroup)
    if (group === undefined) return last
    if (!group.isFinal) this.#findPod(cgroup, group, relativePids(member, parent))
    group.isUsed = true
    return group.workload
  }

  /** Another source has new pods, possibly of groups without one. */
  podsChanged(): void {
    if (this.#pods === undefined) return
    for (const [cgroup, group] of this.#cache) {
      if (!group.isFinal && group.isUsed) this.#set(cgroup, group, this.#pods.cached(group.ids))
    }
  }

  #findPod(cgroup: number, group: CachedGroup, pids: Iterable<number>): void {
    if (this.#pods === undefined) group.isFinal = true
    else this.#set(cgroup, group, this.#pods.of(group.ids, pids))
  }

  #set(cgroup: number, group: CachedGroup, { pod, container }: FoundContainer): void {
    const { ids, workload } = group
    const isNamed = pod !== undefined && !isUnnamed(pod)
    group.isFinal = isNamed || this.#pods?.isFinal(ids) !== false
    if (pod === undefined && container === workload.container) return
    workload.pod = pod
    workload.container = container
    if (pod !== undefined) this.onPod?.(cgroup)
    if (group.isUsed) this.onChange?.(workload)
  }

  /** Evicts the oldest group that was not used recently. */
  #evictOne(): void {
    for (const [cgroup, group] of this.#cache) {
      this.#cache.delete(cgroup)
      if (!group.isUsed) return
      group.isUsed = false
      this.#cache.set(cgroup, group)
    }
  }
}
