import type { Cluster } from '../cluster.ts'
import { type Attribution, attributionOf, type ExpectedPod } from './attribution.ts'
import { hitsOf, nodeEvents } from './events.ts'
import { killPods, truth } from './workload.ts'

/** What pods have done, and what the agent has said about it. */
export interface Observed extends Attribution {
  /** Lines of the pods' logs, by the name of the pod. */
  readonly logs: ReadonlyMap<string, readonly string[]>
  /** Hits of a policy, as lines of those logs. */
  readonly hits: ReadonlyMap<string, readonly string[]>
}

/**
 * Kills pods that run the script `both`, and waits until the agent has posted the last thing that
 * each of them did: pods run for a moment after the command that kills them.
 * @param selected pods of the policy
 */
export async function killAndObserve(
  cluster: Cluster,
  policy: string,
  pods: ReadonlyMap<string, ExpectedPod>,
  running: readonly string[],
  selected: readonly string[],
): Promise<Observed> {
  await killPods(cluster, running)
  let observed: Observed | undefined
  await cluster.waitFor('the last hits', async () => {
    const logs = await truth(cluster)
    const events = await nodeEvents(cluster)
    const hits = hitsOf(events, policy)
    observed = { logs, hits, ...attributionOf(events, pods) }
    const later = await truth(cluster)
    if (running.some((pod) => later.get(pod)!.length > logs.get(pod)!.length)) return false
    // A pod that is killed may have logged what it does not do any more.
    const isLast = (pod: string, isThere: (line: string) => boolean) =>
      logs.get(pod)!.slice(-2).some(isThere)
    return (
      running.every((pod) => isLast(pod, (line) => observed!.starts.has(line))) &&
      selected.every((pod) => isLast(pod, (line) => hits.get(pod)?.includes(line) ?? false))
    )
  })
  return observed!
}
