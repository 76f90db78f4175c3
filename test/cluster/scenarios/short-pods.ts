import assert from 'node:assert/strict'
import type { Cluster } from '../cluster.ts'
import { removeEndedPods } from '../ended-pods.ts'
import { type Attribution, attributionOf, type ExpectedPod, podsInPhase } from './attribution.ts'
import { nodeEvents } from './events.ts'
import type { Result } from './result.ts'
import { createPods, killPods, podOf, truth } from './workload.ts'

/** Pods that start at the same time. */
const batch = 10
/** With fewer pods the machine may be busy. */
const quietCount = 500
/** Milliseconds. The sandboxes of these pods live longer, but not much: they are checked, too. */
const sandboxLife = 1000

/**
 * Starts and ends pods, ten at a time, each of which runs for less than a second; with few pods,
 * for a little more than three. Every program that a pod has logged must have its events with that
 * pod, and no event may have another one.
 */
export async function shortPods(cluster: Cluster, count: number): Promise<Result> {
  const expected = new Map<string, ExpectedPod>()
  const script = count < quietCount ? 'slowPrograms' : 'programs'
  for (let i = 0; i < count; i += batch) {
    const names = Array.from({ length: Math.min(batch, count - i) }, (_, j) => `short-${i + j}`)
    await createPods(
      cluster,
      names.map((name) => podOf(name, script, {})),
    )
    for (const each of await podsInPhase(cluster, 'Succeeded', names)) expected.set(...each)
    await killPods(cluster, names)
    await removeEndedPods(cluster)
  }
  const logs = await truth(cluster)
  // The first program and those that it has run.
  const wanted = [...expected.keys()].flatMap((name) => [name, ...logs.get(name)!])
  assert.equal(wanted.length, 6 * count)
  let found: Attribution | undefined
  await cluster.waitFor('the end of every program', async () => {
    found = attributionOf(await nodeEvents(cluster), expected, sandboxLife)
    return wanted.every((line) => found!.ends.has(line))
  })
  const { starts, ends, problems } = found!
  assert.deepEqual(problems.slice(0, 20), [])
  assert.deepEqual([...starts.keys()].sort(), wanted.sort())
  const lives = [...expected.keys()]
    .map((name) => ends.get(name)! - starts.get(name)!)
    .sort((a, b) => a - b)
  return {
    pods: count,
    'programs, each with its exec and exit event': wanted.length,
    'events without their pod or with a wrong one': problems.length,
    'median life of a container, ms': lives[lives.length >> 1]!,
    'longest life of a container, ms': lives.at(-1)!,
  }
}
