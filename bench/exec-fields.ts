import { statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { enableRunStats } from '@tetragon-ts/ebpf/programs'
import { AgentProcess } from './agent-process.ts'
import type { Benchmark } from './benchmark.ts'
import { change, count, figure, median } from './figures.ts'
import { programsOf } from './kernel-objects.ts'
import { execLoop } from './loops.ts'
import { WorkFiles } from './work-files.ts'

const execs = 10_000
/** V8 compiles and optimizes the reader's code. */
const warmUpExecs = 5000
const rounds = 5
const settleMs = 100

/** Values of `--exec-fields`. */
const states = [
  'none',
  'executable',
  'argv',
  'environment',
  'executable,argv,session,layer',
] as const

/** What the optional fields of exec events cost. */
export const execFieldsBenchmark: Benchmark = {
  name: 'exec-fields',
  summary: 'exec events with each optional field: kernel program, reader, bytes',
  needsVm: false,
  async run({ progress }) {
    using files = new WorkFiles()
    const results = states.map((value) => ({ value, ns: [], us: [], bytes: [] }) as Result)
    for (let round = 0; round < rounds; round++) {
      for (const result of results) {
        progress(`round ${round + 1} of ${rounds}: ${result.value}`)
        await measure(files, result)
      }
    }
    const [off] = results
    return {
      tables: [
        {
          title: `${count(execs)} execs (median of ${rounds} alternating rounds)`,
          head: ['exec-fields', 'tg_exec, ns', 'change', 'agent, µs', 'change', 'bytes of events'],
          rows: results.map(({ value, ns, us, bytes }) => [
            value,
            figure(median(ns)),
            change(median(off.ns), median(ns)),
            figure(median(us)),
            change(median(off.us), median(us)),
            figure(median(bytes)),
          ]),
        },
      ],
      notes: [
        `The environment has ${Object.keys(process.env).length} variables. Bytes are those of exec ` +
          'and exit of one process.',
      ],
    }
  },
}

interface Result {
  readonly value: (typeof states)[number]
  readonly ns: number[]
  readonly us: number[]
  readonly bytes: number[]
}

async function measure(files: WorkFiles, { value, ns, us, bytes }: Result): Promise<void> {
  await using agent = await AgentProcess.start(files, { args: [`--exec-fields=${value}`] })
  await execLoop(warmUpExecs, 1)
  using _statistics = enableRunStats()
  const before = { us: agent.cpuUs(), bytes: statSync(agent.file).size }
  await execLoop(execs, 1)
  await delay(settleMs)
  us.push((agent.cpuUs() - before.us) / execs)
  bytes.push((statSync(agent.file).size - before.bytes) / execs)
  const program = programsOf(agent.pid).find(
    ({ name, runCount }) => name === 'tg_exec' && runCount > 0,
  )
  if (program) ns.push(program.runTimeNs / program.runCount)
}
