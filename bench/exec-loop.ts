import { setTimeout as delay } from 'node:timers/promises'
import { workload } from '@tetragon-ts/test/workloads'
import { AgentProcess } from './agent-process.ts'
import type { Benchmark } from './benchmark.ts'
import { countEvents } from './event-count.ts'
import { change, count, figure, goal, median } from './figures.ts'
import { type ExecRun, execLoop } from './loops.ts'
import { WorkFiles } from './work-files.ts'

const execs = 20_000
/** Warm-up before each round: V8 compiles and optimizes the reader's code. */
const warmUpExecs = 5000
/**
 * Execs of a round with the agent: the first ones, with the agent running, and with its user space
 * stopped.
 */
const watched = warmUpExecs + 2 * execs
const rounds = 7
/** Until the agent has processed the last of them. */
const settleMs = 100
const goalRatio = 1.1

interface Loop {
  readonly label: string
  readonly parallel: number
  /** The CPU that it is bound to. */
  readonly cpu?: number
}

const loops: readonly Loop[] = [
  { label: '1 bound to a CPU', parallel: 1, cpu: 0 },
  { label: '1 on any CPU', parallel: 1 },
  { label: '2 in parallel', parallel: 2 },
]

/** How much slower programs start with the agent, and whether it reports all of them. */
export const execLoopBenchmark: Benchmark = {
  name: 'exec-loop',
  summary: 'vfork + execve + exit with and without the agent, and the events of it',
  needsVm: false,
  async run({ progress }) {
    using files = new WorkFiles()
    const rows: string[][] = []
    const notes: string[] = []
    for (const loop of loops) {
      const result = await compare(files, loop, (round) =>
        progress(`${loop.label}, round ${round + 1} of ${rounds}`),
      )
      rows.push(...result.rows)
      notes.push(result.note)
    }
    return {
      tables: [
        {
          title:
            `vfork + execve + exit of a static program, ${count(execs)} times ` +
            `(median of ${rounds} alternating rounds)`,
          head: ['measure', 'without', 'with agent', 'change', 'kernel side alone'],
          rows,
        },
      ],
      notes: [...new Set(notes)],
    }
  },
}

async function compare(
  files: WorkFiles,
  { label, parallel, cpu: boundTo }: Loop,
  onRound: (round: number) => void,
): Promise<{ rows: string[][]; note: string }> {
  const without: ExecRun[] = []
  const withAgent: ExecRun[] = []
  const kernelOnly: ExecRun[] = []
  const agentUs: number[] = []
  const firstUs: number[] = []
  let fewest = { execs: Infinity, exits: Infinity }
  const losses: string[] = []
  const noop = await workload('noop')
  for (let round = 0; round < rounds; round++) {
    onRound(round)
    without.push(await execLoop(execs, parallel, boundTo))
    const agent = await AgentProcess.start(files)
    const perExec = async (times: number): Promise<[ExecRun, number]> => {
      const before = agent.cpuUs()
      const run = await execLoop(times, parallel, boundTo)
      await delay(settleMs)
      return [run, (agent.cpuUs() - before) / times]
    }
    firstUs.push((await perExec(warmUpExecs))[1])
    const [run, us] = await perExec(execs)
    withAgent.push(run)
    agentUs.push(us)
    agent.pause()
    kernelOnly.push(await execLoop(execs, parallel, boundTo).finally(() => agent.resume()))
    losses.push(...(await agent.stop()))
    const seen = await countEvents(agent.file, noop)
    fewest = {
      execs: Math.min(fewest.execs, seen.execs),
      exits: Math.min(fewest.exits, seen.exits),
    }
    if (seen.execs > watched || seen.exits > watched) losses.push('more events than processes')
  }
  const states = [without, withAgent, kernelOnly]
  const wall = states.map((runs) => median(runs.map(({ wallUs }) => wallUs)))
  const cpu = states.map((runs) => median(runs.map(({ cpuUs }) => cpuUs)))
  const complete = fewest.execs === watched && fewest.exits === watched && losses.length === 0
  return {
    rows: [
      [
        `wall time per exec, µs, ${label}`,
        figure(wall[0]),
        figure(wall[1]),
        `${change(wall[0], wall[1])} (${goal('< 10 %', wall[1] / wall[0] < goalRatio)})`,
        `${figure(wall[2])} (${change(wall[0], wall[2])})`,
      ],
      [
        `CPU time per exec, µs, ${label}`,
        figure(cpu[0]),
        figure(cpu[1]),
        change(cpu[0], cpu[1]),
        `${figure(cpu[2])} (${change(cpu[0], cpu[2])})`,
      ],
      [`agent's CPU time per exec, µs, ${label}`, '0', figure(median(agentUs)), '', ''],
      [
        `… of the first ${count(warmUpExecs)} after its start`,
        '0',
        figure(median(firstUs)),
        '',
        '',
      ],
    ],
    note:
      (complete ? '' : `${label}: `) +
      `${fewest.execs} exec and ${fewest.exits} exit events of ${watched} each in the worst round; ` +
      `${complete ? 'nothing lost' : `LOST: ${losses.join('; ')}`}.`,
  }
}
