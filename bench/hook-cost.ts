import { Collection } from '@tetragon-ts/ebpf/collection'
import { program, tpBtf } from '@tetragon-ts/ebpf/lang'
import { enableRunStats } from '@tetragon-ts/ebpf/programs'
import { AgentProcess } from './agent-process.ts'
import type { Benchmark } from './benchmark.ts'
import { change, count, figure, goal, median, ratio } from './figures.ts'
import { type HeldProgram, programsOf } from './kernel-objects.ts'
import { execLoop, getpidLoop } from './loops.ts'
import { WorkFiles } from './work-files.ts'

const execs = 20_000
const getpids = 5_000_000
const rounds = 7
const empty = 'tg_bench_empty'

/** Duration of each program per hit, and its cost for calls that are not hooked. */
export const hookCost: Benchmark = {
  name: 'hook-cost',
  summary: 'ns per hit of each kernel program; getpid with and without the agent',
  needsVm: false,
  async run({ progress }) {
    using files = new WorkFiles()
    progress(`run statistics over ${execs} execs`)
    const programs = await runStatistics(files)
    const costOf = ({ runTimeNs, runCount }: HeldProgram): number => runTimeNs / runCount
    const baseline = costOf(programs.find(({ name }) => name === empty)!)
    const hit = programs.filter(({ runCount }) => runCount > 0)

    const without: number[] = []
    const withAgent: number[] = []
    for (let round = 0; round < rounds; round++) {
      progress(`getpid, round ${round + 1} of ${rounds}`)
      without.push(await getpidLoop(getpids))
      await using _agent = await AgentProcess.start(files)
      withAgent.push(await getpidLoop(getpids))
    }
    const [off, on] = [median(without), median(withAgent)]
    return {
      tables: [
        {
          title: `Kernel programs during ${count(execs)} execs`,
          head: ['program', 'hits', 'ns per hit', 'empty program', 'ratio'],
          rows: hit.map((found, i) => [
            nameOf(hit, i),
            count(found.runCount),
            figure(costOf(found)),
            figure(baseline),
            ratio(baseline, costOf(found)),
          ]),
        },
        {
          title: `A system call that is not hooked (median of ${rounds} alternating rounds)`,
          head: ['measure', 'without', 'with agent', 'change', 'goal'],
          rows: [
            [
              'getpid, ns',
              figure(off),
              figure(on),
              change(off, on),
              goal('no difference (3 %)', on / off < 1.03),
            ],
          ],
        },
      ],
      notes: [
        'Each hit includes two clock readings of the kernel: see the empty program.',
        'The second copy of a program only does the work if the kernel skipped the first one.',
      ],
    }
  },
}

async function runStatistics(files: WorkFiles): Promise<HeldProgram[]> {
  using collection = new Collection()
  collection.attach(program(empty, tpBtf<[]>('sched_process_exec'), () => {}))
  await using agent = await AgentProcess.start(files)
  using _statistics = enableRunStats()
  await execLoop(execs, 1)
  return [...programsOf(agent.pid), ...programsOf(process.pid)]
}

/**
 * Programs with the same name have different ids: the agent attaches each process program twice.
 */
function nameOf(programs: readonly HeldProgram[], index: number): string {
  const { name } = programs[index]
  const before = programs.slice(0, index).filter((program) => program.name === name).length
  return before === 0 ? name : `${name}, second copy`
}
