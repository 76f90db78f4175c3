import { ancestorPids } from '../processes/ancestors.ts'
import type { Process } from '../processes/process.ts'
import { noWorkload, type Workload } from '../processes/workload.ts'
import { containerIdsOfNames, shownContainerId } from './container-id.ts'
import type { Pods } from './pods.ts'

/**
 * More than the kernel side takes for known at a time: it would not send a forgotten group again.
 */
const capacity = 8192

interface Known {
  /** Full ids of the containers that the group is in, the innermost first. */
  readonly ids: readonly string[]
  readonly workload: Workload
  /** Whether the workload does not change any more. */
  isFinal: boolean
  /** Asked for since it was looked at last as the oldest one. */
  isUsed: boolean
}

/** Workloads by control group; the kernel side sends a group before its first process. */
export class Containers {
  readonly #pods: Pods | undefined
  readonly #capacity: number
  readonly #known = new Map<number, Known>()
  /** Called when the pod of a workload is found later than its first process. */
  onChange: ((workload: Workload) => void) | undefined

  /** @param pods undefined: pods stay unknown */
  constructor(pods?: Pods, most = capacity) {
    this.#pods = pods
    this.#capacity = most
  }

  /**
   * Adds a group, which may have been known before.
   * @param cgroup its id in the kernel
   * @param names its own name and those of groups above it, the outermost last
   */
  add(cgroup: number, names: readonly string[]): void {
    const ids = containerIdsOfNames(names)
    const isInside = ids.length > 0
    const workload = isInside ? { docker: shownContainerId(ids[0]), pod: undefined } : noWorkload
    this.#known.delete(cgroup)
    this.#known.set(cgroup, { ids, workload, isFinal: !isInside, isUsed: false })
    while (this.#known.size > this.#capacity) this.#forgetOne()
  }

  /**
   * The workload that the processes of a group belong to.
   * @param last that of the image before, for a group that was forgotten: the kernel side does not
   *   send the group of that image again
   * @param parent of a process of the group, and its pid if it is unknown: the runtime is found
   *   among what they descend from
   */
  of(
    cgroup: number,
    last: Workload = noWorkload,
    parent?: Process | undefined,
    parentPid = 0,
  ): Workload {
    const known = this.#known.get(cgroup)
    if (known === undefined) return last
    if (!known.isFinal) this.#findPod(known, ancestorPids(parent, parentPid))
    known.isUsed = true
    return known.workload
  }

  #findPod(known: Known, ancestors: Iterable<number>): void {
    const { ids, workload } = known
    const pod = this.#pods?.of(ids, ancestors)
    known.isFinal = pod !== undefined || this.#pods?.isFinal(ids) !== false
    if (pod === undefined) return
    workload.pod = pod
    if (known.isUsed) this.onChange?.(workload)
  }

  /** Forgets the oldest group that was not asked for lately. */
  #forgetOne(): void {
    for (const [cgroup, known] of this.#known) {
      this.#known.delete(cgroup)
      if (!known.isUsed) return
      known.isUsed = false
      this.#known.set(cgroup, known)
    }
  }
}
