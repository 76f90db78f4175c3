import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { held } from '../../cases/policies/scale/kernel-objects.ts'
import type { Cluster } from '../cluster.ts'
import { type ExpectedPod, gapsOf, podsInPhase } from './attribution.ts'
import { waitForHit } from './events.ts'
import { killAndObserve } from './last-hits.ts'
import { type Killable, killProgram, processesOnNode, processOfProgram } from './node-processes.ts'
import type { Result } from './result.ts'
import { selectedLabels, selectingPolicy, waitForPolicies } from './selecting-policy.ts'
import { createPods, killPods, podOf } from './workload.ts'

const victims: readonly Killable[] = ['agent', 'operator', 'kubelet', 'containerd']
/** Milliseconds after which the kubelet is killed, too: its back-off for a container is long. */
const patience = 15_000

/** Numbers of kernel objects that no process has a descriptor of, and of containers. */
async function resources(cluster: Cluster): Promise<{ objects: number; shims: number }> {
  const commands = [...(await processesOnNode(cluster)).values()]
  const shims = commands.filter((command) => command.includes('containerd-shim')).length
  return { objects: held().objects.size, shims }
}

/** Waits until a program runs again. @returns whether the kubelet had to be killed for it */
async function waitForProgram(cluster: Cluster, name: Killable): Promise<boolean> {
  const deadline = performance.now() + patience
  while ((await processOfProgram(cluster, name)) === undefined) {
    if (performance.now() > deadline) {
      await killProgram(cluster, 'kubelet')
      await cluster.waitFor(`${name} runs`, async () => {
        return (await processOfProgram(cluster, name)) !== undefined
      })
      return true
    }
    await delay(100)
  }
  return false
}

/**
 * Kills programs at random while pods run, come and go. Events must have their pods, the policy
 * must stay, and nothing may be left of killed programs.
 */
export async function kills(cluster: Cluster, count: number): Promise<Result> {
  const policy = 'kills'
  await cluster.apply(selectingPolicy(policy))
  // Pods do not wait for it.
  await waitForPolicies(cluster, [policy])
  const start = async (name: string, labels: Readonly<Record<string, string>>) => {
    const script = name.startsWith('short') ? 'slowPrograms' : 'both'
    await createPods(cluster, [podOf(name, script, labels)])
    const phase = script === 'both' ? 'Running' : 'Succeeded'
    for (const each of await podsInPhase(cluster, phase, [name])) pods.set(...each)
  }
  const pods = new Map<string, ExpectedPod>()
  await start('lasting-yes', selectedLabels)
  await start('lasting-no', { watched: 'no' })
  const before = await resources(cluster)

  const killed = { agent: 0, operator: 0, kubelet: 0, containerd: 0 }
  const kill = async (name: Killable) => {
    await killProgram(cluster, name)
    killed[name]++
  }
  for (let i = 0; i < count; i++) {
    // Each program at least once.
    const victim = victims[i] ?? victims[Math.floor(Math.random() * victims.length)]!
    await kill(victim)
    await delay(Math.random() * 3000)
    if (await waitForProgram(cluster, victim)) killed.kubelet++
    if (i % 5 !== 4) continue
    await start(`short-${i}`, selectedLabels)
    await killPods(cluster, [`short-${i}`])
  }
  await waitForPolicies(cluster, [policy])
  const rollouts = ['ds/tetragon', 'deploy/tetragon-operator']
  for (const each of rollouts) {
    await cluster.kubectl('rollout', 'status', '-n', 'kube-system', each, '--timeout=10m')
  }
  await waitForHit(cluster, policy, 'lasting-yes')
  let after = before
  const isCleared = async () => {
    after = await resources(cluster)
    return after.objects <= before.objects && after.shims === before.shims
  }
  await cluster.waitFor('nothing is left of killed programs', isCleared).catch((cause: unknown) => {
    throw new Error(`${JSON.stringify(after)}, before ${JSON.stringify(before)}`, { cause })
  })
  const { logs, hits, problems, starts } = await killAndObserve(
    cluster,
    policy,
    pods,
    ['lasting-yes', 'lasting-no'],
    ['lasting-yes'],
  )
  assert.deepEqual(problems.slice(0, 20), [])
  assert.equal(hits.get('lasting-no'), undefined)
  // While the container of the agent starts again, nothing is observed.
  const lasting = logs.get('lasting-yes')!
  assert.deepEqual(gapsOf(lasting, new Set(hits.get('lasting-yes'))).slice(killed.agent), [])
  assert.deepEqual(gapsOf(lasting, new Set(starts.keys())).slice(killed.agent), [])
  return {
    kills: Object.values(killed).reduce((sum, each) => sum + each),
    ...Object.fromEntries(Object.entries(killed).map(([name, times]) => [`of ${name}`, times])),
    'events without their pod or with a wrong one': problems.length,
    'hits of other pods': 0,
    'objects and processes left': 0,
  }
}
