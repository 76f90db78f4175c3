import { type Process, workloadChanged } from '../../processes/process.ts'
import type { ContainerPod, ContainerText } from '../../processes/workload.ts'
import type { PodCounts } from '../../workloads/pods.ts'
import type { Counters } from '../counters.ts'
import type { EventContext } from '../event-context.ts'

/** Pods and containers that become known or change: processes of theirs are shown again. */
export class WorkloadChanges {
  readonly #context: EventContext

  constructor(context: EventContext) {
    this.#context = context
    context.containers.onPod = (cgroup) => context.policySets?.found(cgroup)
    context.containers.onChange = (changed) => {
      this.#changed(({ workload }) => workload === changed)
    }
  }

  /** These pods have changed, or are known now. */
  podsChanged(changed: ReadonlySet<ContainerPod>): void {
    if (changed.size === 0) return
    this.#context.containers.podsChanged()
    this.#changed(({ workload: { pod } }) => pod !== undefined && changed.has(pod))
    this.#context.policySets?.podsChanged(changed)
  }

  /** The runtime reported more about a container outside of pods. */
  containerChanged(changed: ContainerText): void {
    this.#changed(({ workload: { container } }) => container === changed)
  }

  #changed(isOne: (process: Process) => boolean): void {
    const { cache, findings } = this.#context
    for (const process of cache.live) {
      if (!isOne(process)) continue
      workloadChanged(process)
      findings?.forget(process)
    }
  }

  count(counters: Counters): void {
    const { pods } = this.#context
    if (pods === undefined) return
    countPods(counters, pods.counts)
    counters.set('deletedPodHits', pods.api.hits)
    counters.set('deletedPodEvictions', pods.api.evictions)
  }
}

function countPods(counters: Counters, { found, other, missing, faults }: PodCounts): void {
  counters.set('podsFound', found)
  counters.set('podsOther', other)
  counters.set('podsMissing', missing)
  counters.set('podsUnsafe', faults.unsafe)
  counters.set('podsUnreadable', faults.unreadable)
  counters.set('podsTooLarge', faults.too_large)
  counters.set('podsMalformed', faults.malformed)
}
