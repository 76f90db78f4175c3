import type { Cluster } from '../cluster.ts'
import { removeEndedPods } from '../ended-pods.ts'
import { hitsOf, nodeEvents } from './events.ts'
import type { Result } from './result.ts'
import { selectedLabels, selectingPolicy, waitForPolicies } from './selecting-policy.ts'
import { createPods, killPods, podOf, type scripts, truth } from './workload.ts'

/** Pods of a step: two of each script, of which the policy selects one. */
const stepPods: readonly (keyof typeof scripts)[] = ['hits', 'endless']
/** Steps after which the endless pods of a step are killed. */
const lifeSteps = 3

/** A pod that the scenario has started. */
interface Started {
  readonly name: string
  readonly selected: boolean
  readonly endless: boolean
  /** Whether the policy was enabled when the pod was created. */
  complete: boolean
}

/** Pods that come and go. */
class Churn {
  readonly pods: Started[] = []
  readonly #cluster: Cluster
  #steps: Started[][] = []

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Starts pods, and kills those of an earlier step once they run. */
  async step(isEnabled: boolean): Promise<void> {
    const started = stepPods.flatMap((script) =>
      [true, false].map((selected) => {
        const name = `churn-${this.#steps.length}-${script}-${selected ? 'yes' : 'no'}`
        return { name, script, selected, endless: script === 'endless', complete: isEnabled }
      }),
    )
    this.#steps.push(started)
    this.pods.push(...started)
    const pods = started.map(({ name, script, selected }) =>
      podOf(name, script, selected ? selectedLabels : { watched: 'no' }),
    )
    await createPods(this.#cluster, pods)
    await this.#kill(this.#steps[this.#steps.length - 1 - lifeSteps] ?? [])
    const kubectl = ['delete', 'pods', '--wait=false', '--field-selector=status.phase=Succeeded']
    await this.#cluster.kubectl(...kubectl)
    await removeEndedPods(this.#cluster)
  }

  /** Kills what is left. */
  end(): Promise<void> {
    return this.#kill(this.#steps.slice(-lifeSteps).flat())
  }

  /** Kills endless pods, after each has made a hit, and the others all of theirs. */
  async #kill(pods: readonly Started[]): Promise<void> {
    await this.#cluster.waitFor('the pods have made hits', async () => {
      const logs = await truth(this.#cluster)
      return pods.every(({ name, endless }) => (logs.get(name)?.length ?? 0) >= (endless ? 1 : 5))
    })
    await killPods(
      this.#cluster,
      pods.filter(({ endless }) => endless).map(({ name }) => name),
    )
  }
}

/**
 * Pods come and go while a policy is applied that selects some of them. Hits of other pods must not
 * be posted. Those of selected ones must be: all, if the pod was created after the policy was
 * enabled; otherwise from some hit on.
 */
export async function churn(cluster: Cluster, seconds: number): Promise<Result> {
  const policy = 'churn'
  const pods = new Churn(cluster)
  for (let i = 0; i < lifeSteps; i++) await pods.step(false)
  await cluster.apply(selectingPolicy(policy))
  await waitForPolicies(cluster, [policy])
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) await pods.step(true)
  await pods.end()

  let problems = ['not compared yet']
  let posted = 0
  const isComplete = async () => {
    const hits = hitsOf(await nodeEvents(cluster), policy)
    const logs = await truth(cluster)
    problems = pods.pods.flatMap((pod) => compare(pod, logs.get(pod.name)!, hits.get(pod.name)))
    const names = new Set(pods.pods.map(({ name }) => name))
    const others = [...hits.keys()].filter((name) => !names.has(name))
    problems.push(...others.map((name) => `${name}: not a pod of the scenario`))
    posted = [...hits.values()].reduce((sum, each) => sum + each.length, 0)
    return problems.length === 0
  }
  await cluster.waitFor('all hits of selected pods', isComplete).catch((cause: unknown) => {
    throw new Error(problems.slice(0, 20).join('\n') || 'read the hits', { cause })
  })
  const selected = pods.pods.filter((pod) => pod.selected)
  return {
    seconds,
    pods: pods.pods.length,
    'selected pods': selected.length,
    'hits of selected pods': posted,
    'hits missing, or of other pods': problems.length,
  }
}

/** What is wrong with the hits of a pod. */
function compare(pod: Started, log: readonly string[], hits: readonly string[] = []): string[] {
  const { name, selected, endless, complete } = pod
  if (!selected) return hits.map((line) => `${line}: not selected`)
  // A pod that is killed may have logged a hit that it does not make any more.
  const wanted = [log, ...(endless ? [log.slice(0, -1)] : [])]
  const isRight = (lines: readonly string[]) => {
    const from = complete ? 0 : Math.max(lines.length - hits.length, 0)
    return lines.slice(from).join() === hits.join()
  }
  if (wanted.some(isRight)) return []
  return [`${name}: ${log.length} hits logged, posted are ${hits.length}: ${hits.join()}`]
}
