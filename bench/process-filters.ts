import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { enableRunStats } from '@tetragon-ts/ebpf/programs'
import { workload } from '@tetragon-ts/test/workloads'
import { AgentProcess } from './agent-process.ts'
import type { Benchmark } from './benchmark.ts'
import { countEvents } from './event-count.ts'
import { count, figure, goal, median } from './figures.ts'
import { programsOf } from './kernel-objects.ts'
import { execLoop } from './loops.ts'
import { WorkFiles } from './work-files.ts'

const execs = 40_000
/** Warm-up before each round: V8 compiles and optimizes the reader's code. */
const warmUpExecs = 20_000
const rounds = 3
/** Until the agent has processed the last of them. */
const settleMs = 100
/** How long the agent is measured without execs. */
const idleMs = 2000
const goalRatio = 0.6

const states = ['no filter', 'Post', 'NoPost'] as const
type State = (typeof states)[number]

/** What an exec with its fork and exit costs, in microseconds. */
interface Cost {
  readonly kernelUs: number
  readonly agentUs: number
  /** The agent in the same time without these execs: with those of the rest of the machine. */
  readonly restUs: number
  readonly events: number
}

/** What a start of a program costs that is posted or not posted by a process filter. */
export const processFilters: Benchmark = {
  name: 'process-filters',
  summary: 'kernel programs and agent per exec: without a filter, posted, and not posted',
  needsVm: false,
  async run({ progress }) {
    using files = new WorkFiles()
    const noop = await workload('noop')
    const costs: Record<State, Cost[]> = { 'no filter': [], Post: [], NoPost: [] }
    for (let round = 0; round < rounds; round++) {
      for (const state of states) {
        progress(`${state}, round ${round + 1} of ${rounds}`)
        costs[state].push(await measure(files, state, noop))
      }
    }
    const of = (state: State, part: (cost: Cost) => number): number =>
      median(costs[state].map(part))
    const sum = ({ kernelUs, agentUs }: Cost): number => kernelUs + agentUs
    const ratio = of('NoPost', sum) / of('Post', sum)
    const most = Math.max(...costs.NoPost.map(({ events }) => events))
    return {
      tables: [
        {
          title: `vfork + execve + exit, ${count(execs)} times (median of ${rounds} rounds)`,
          head: ['µs per exec', ...states],
          rows: [
            ['kernel programs', ...states.map((state) => figure(of(state, (c) => c.kernelUs)))],
            ['agent', ...states.map((state) => figure(of(state, (c) => c.agentUs)))],
            ['agent without them', ...states.map((state) => figure(of(state, (c) => c.restUs)))],
            ['both', ...states.map((state) => figure(of(state, sum)))],
          ],
        },
      ],
      notes: [
        `An exec that is not posted costs ${Math.round(ratio * 100)} % of one that is ` +
          `(${goal('at most 60 %', ratio <= goalRatio)}); ${most} of them had an event.`,
      ],
    }
  },
}

const policyOf = (action: string, binary: string): string => `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: filter}
spec:
  processes:
  - selectors:
    - matchBinaries:
      - {operator: In, values: [${JSON.stringify(binary)}]}
      matchActions:
      - {action: ${action}}
`

async function measure(files: WorkFiles, state: State, noop: string): Promise<Cost> {
  const policy = files.path('filter.yaml')
  writeFileSync(policy, policyOf(state, noop))
  const args = state === 'no filter' ? [] : ['--tracing-policy', policy]
  const agent = await AgentProcess.start(files, { args })
  let cost: Cost
  try {
    using _statistics = enableRunStats()
    await execLoop(warmUpExecs, 1)
    await delay(settleMs)
    const kernelNs = () => programsOf(agent.pid).reduce((sum, { runTimeNs }) => sum + runTimeNs, 0)
    const idle = { agent: agent.cpuUs(), at: performance.now() }
    await delay(idleMs)
    const idleShare = (agent.cpuUs() - idle.agent) / (performance.now() - idle.at)
    const before = { kernel: kernelNs(), agent: agent.cpuUs() }
    const began = performance.now()
    await execLoop(execs, 1)
    await delay(settleMs)
    cost = {
      kernelUs: (kernelNs() - before.kernel) / 1000 / execs,
      agentUs: (agent.cpuUs() - before.agent) / execs,
      restUs: (idleShare * (performance.now() - began)) / execs,
      events: 0,
    }
  } finally {
    await agent.stop()
  }
  const { execs: seen } = await countEvents(agent.file, noop)
  return { ...cost, events: seen }
}
