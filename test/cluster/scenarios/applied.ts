import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from '../cluster.ts'
import { podsInPhase } from './attribution.ts'
import type { ScenarioEvent } from './events.ts'
import type { Result } from './result.ts'
import { selectedLabels, selectingPolicy } from './selecting-policy.ts'
import { createPods, killPods, podOf } from './workload.ts'

/** Time of the first event of a policy; undefined if there is none yet. */
async function firstEvent(cluster: Cluster, policy: string): Promise<number | undefined> {
  const text = await readFile(join(cluster.folder, 'node/var/log/tetragon/tetragon.log'), 'latin1')
  const found = text.indexOf(`"policy_name":"${policy}"`)
  const end = text.indexOf('\n', found)
  if (found < 0 || end < 0) return undefined
  const line = text.slice(text.lastIndexOf('\n', found) + 1, end)
  return Date.parse((JSON.parse(line) as ScenarioEvent).time)
}

/** Milliseconds from the start of `kubectl apply` to the first event of a new policy. */
export async function applied(cluster: Cluster, rounds: number): Promise<Result> {
  await createPods(cluster, [podOf('busy', 'fast', selectedLabels)])
  await podsInPhase(cluster, 'Running', ['busy'])
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const name = `applied-${round}`
    const started = Date.now()
    await cluster.apply(selectingPolicy(name))
    let first: number | undefined
    await cluster.waitFor(`an event of ${name}`, async () => {
      first = await firstEvent(cluster, name)
      return first !== undefined
    })
    await cluster.kubectl('delete', 'tracingpolicy', name)
    times.push(first! - started)
  }
  await killPods(cluster, ['busy'])
  times.sort((a, b) => a - b)
  const [median, p99] = [0.5, 0.99].map((part) => times[Math.ceil(part * times.length) - 1]!)
  return { policies: rounds, 'median, ms': median!, '99th percentile, ms': p99! }
}
