import { execFile } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { workload } from '@tetragon-ts/test/workloads'
import { AgentProcess } from './agent-process.ts'
import type { Benchmark } from './benchmark.ts'
import { change, count, figure, goal, mebibyte, median } from './figures.ts'
import { machineMemory } from './kernel-objects.ts'
import { countingPolicy, KubernetesNode } from './kubernetes-node.ts'
import { labelChanges } from './label-changes.ts'
import { WorkFiles } from './work-files.ts'

const run = promisify(execFile)

const pods = 250
const policies = 1000
const steps = [0, 1, 10, 100, 1000]
const writes = 20_000
const execs = 40_000
const rounds = 3
const cpuRounds = 7
/** Until an idle process has freed what it does not need. */
const settleMs = 5000
const memoryGoalMiB = 25
const cpuGoal = 1.05

/** A policy for nodes that there are not. */
const otherNodes = { matchLabels: { zone: 'elsewhere' } }

/** What Kubernetes costs the agent of a node. */
export const kubernetes: Benchmark = {
  name: 'kubernetes',
  summary: `the agent of a node with ${pods} pods and up to ${count(policies)} policies`,
  onlyAsked: 'it takes minutes',
  async run({ progress }) {
    return {
      tables: [
        { title: 'Resident memory of the agent, MiB', ...(await memory(progress)) },
        { title: `CPU time per exec and exit in a pod`, ...(await cpu(progress)) },
        { title: `Policies with a podSelector on ${pods} pods`, ...(await load(progress)) },
        {
          title: `Time from a watch event with new labels of one of ${pods} pods, ms`,
          ...(await labelChanges(pods)),
        },
      ],
      notes: [
        'Pods are control groups with the bundle of a container; the API server is simulated.',
        'All policies are at the same system call. A policy selects one pod of 250.',
      ],
    }
  },
}

type Progress = (text: string) => void

/** Runs a workload in a control group. @returns its line of JSON */
async function runIn(group: string, ...command: readonly string[]) {
  const script = `echo 0 > ${group}/cgroup.procs; exec "$@"`
  const { stdout } = await run('/bin/sh', ['-c', script, 'sh', ...command])
  return JSON.parse(stdout) as Record<string, number>
}

/** Memory of an idle agent in MiB. @param options those of Kubernetes or of a policy file */
async function idleMemory(options: (files: WorkFiles) => string[]): Promise<number> {
  using files = new WorkFiles()
  await using agent = await AgentProcess.start(files, { args: options(files) })
  await delay(settleMs)
  return agent.residentBytes() / mebibyte
}

/** The same in a node with policies for other nodes. */
async function memoryWith(objects: number): Promise<number> {
  using node = await KubernetesNode.start(pods)
  node.addPolicies(objects, otherNodes)
  return idleMemory((files) => node.options(files))
}

/** An option with a policy file of the host. */
function withPolicy(files: WorkFiles): string[] {
  const path = files.path('policy.yaml')
  writeFileSync(path, JSON.stringify(countingPolicy('of-a-file')))
  return ['--tracing-policy', path]
}

async function memory(progress: Progress) {
  const states = {
    'without Kubernetes': () => idleMemory(() => []),
    'without Kubernetes, with a policy file': () => idleMemory(withPolicy),
    [`${pods} pods`]: () => memoryWith(0),
    [`${pods} pods, ${count(policies)} policies for other nodes`]: () => memoryWith(policies),
  }
  const found: number[] = []
  for (const [name, measure] of Object.entries(states)) {
    const values: number[] = []
    for (let i = 0; i < rounds; i++) {
      progress(`${name}, round ${i + 1} of ${rounds}`)
      values.push(await measure())
    }
    found.push(median(values))
  }
  const [off, , , on] = found as [number, number, number, number]
  const met = goal(`at most ${memoryGoalMiB} more`, on - off <= memoryGoalMiB)
  const names = Object.keys(states)
  const rows = names.map((name, i) => {
    const more = i === 0 ? '' : figure(found[i]! - off)
    return [name, figure(found[i]!), more, i === names.length - 1 ? met : '']
  })
  return { head: ['state', 'memory', 'more', 'goal'], rows }
}

/** Kubernetes is off or on; `long`: it is off, but events are as long as with it. */
const states = ['off', 'on', 'long'] as const
type State = (typeof states)[number]

async function cpu(progress: Progress) {
  using node = await KubernetesNode.start(pods)
  node.addPolicies(policies, otherNodes)
  const times: Record<State, number[]> = { off: [], on: [], long: [] }
  const length: Record<State, number> = { off: 0, on: 0, long: 0 }
  for (let round = 0; round < cpuRounds; round++) {
    for (const state of states) {
      progress(`CPU, Kubernetes ${state}, round ${round + 1} of ${cpuRounds}`)
      using files = new WorkFiles()
      const padding = 'x'.repeat(Math.max(0, Math.round(length.on - length.off) - emptyName.length))
      const args = { off: [], on: node.options(files), long: ['--cluster-name', padding] }
      const measured = await costOfExecs(files, args[state], node.pods[0]!.group)
      times[state].push(measured.us)
      length[state] = measured.bytes
    }
  }
  const [off, long, on] = [median(times.off), median(times.long), median(times.on)]
  const met = goal('< 5 % more than as long', on / long < cpuGoal)
  const row = (name: string, state: State, us: number, ...more: readonly string[]) => {
    return [name, count(Math.round(length[state])), figure(us), ...more]
  }
  return {
    head: ['Kubernetes', 'bytes per event', 'CPU, µs', 'more than off', 'than as long', 'goal'],
    rows: [
      row('off', 'off', off, '', '', ''),
      row('off, events as long', 'long', long, change(off, long), '', ''),
      row('on', 'on', on, change(off, on), change(long, on), met),
    ],
  }
}

/** What each event has of a name of the cluster, besides the name. */
const emptyName = ',"cluster_name":""'

/** CPU time of an agent per exec and exit in a group, and the mean length of its events. */
async function costOfExecs(files: WorkFiles, args: readonly string[], group: string) {
  const [loop, noop] = [await workload('exec-loop'), await workload('noop')]
  await using agent = await AgentProcess.start(files, { args: [...args] })
  await runIn(group, loop, `${execs / 4}`, '1', noop)
  await delay(settleMs)
  const [usBefore, bytesBefore] = [agent.cpuUs(), statSync(agent.file).size]
  await runIn(group, loop, `${execs}`, '1', noop)
  await delay(100)
  const [us, bytes] = [agent.cpuUs() - usBefore, statSync(agent.file).size - bytesBefore]
  return { us: us / execs, bytes: bytes / (2 * execs) }
}

async function load(progress: Progress) {
  const loop = await workload('hook-loop')
  const rows: string[][] = []
  let previous = { policies: 0, kernel: 0, resident: 0 }
  for (const step of steps) {
    progress(`${count(step)} policies`)
    using files = new WorkFiles()
    using node = await KubernetesNode.start(pods)
    node.addPolicies(step)
    const target = files.path('written')
    writeFileSync(target, '')
    const empty = machineMemory()
    const started = performance.now()
    await using agent = await AgentProcess.start(files, { args: node.options(files) })
    const seconds = (performance.now() - started) / 1000
    await delay(settleMs)
    const { maps, programs } = machineMemory()
    const kernel = maps + programs - empty.maps - empty.programs
    const resident = agent.residentBytes()
    const selected = await runIn(node.pods[0]!.group, loop, `${writes}`, 'write', target)
    const other = await runIn(node.pods.at(-1)!.group, loop, `${writes}`, 'write', target)
    const more = step - previous.policies
    const perPolicy = (value: number) => (more > 1 ? figure(value / more / 1024) : '')
    rows.push([
      count(step),
      figure(seconds),
      figure(resident / mebibyte),
      perPolicy(resident - previous.resident),
      perPolicy(kernel - previous.kernel),
      figure(selected.cpuNs!),
      figure(other.cpuNs!),
    ])
    previous = { policies: step, kernel, resident }
  }
  const head = [
    ...[
      'policies',
      'seconds until ready',
      'memory, MiB',
      'per policy, kB',
      'kernel, per policy, kB',
    ],
    ...['CPU of a write in the first pod, ns', 'in the last pod, ns'],
  ]
  return { head, rows }
}
