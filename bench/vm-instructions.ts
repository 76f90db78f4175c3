import type { Benchmark } from './benchmark.ts'
import { change, figure, goal, median } from './figures.ts'
import { original } from './vm/original.ts'
import { completeness, runGuest } from './vm/run-guest.ts'

const plan = { rounds: 5, execs: 1000, getpids: 1_000_000, hookExecs: 1000, icount: true }
const { instructions } = original

interface Pair {
  readonly without: number
  readonly with: number
}

/** Comparison with the original in instructions: a machine whose clock counts them. */
export const vmInstructions: Benchmark = {
  name: 'vm-instructions',
  summary: 'exec and getpid counted in instructions, compared with the original',
  needsVm: true,
  async run(context) {
    const results = await runGuest(context, plan)
    const { without, watched, hooks } = results
    const pair = (pick: (round: (typeof without)[number]) => number): Pair => ({
      without: median(without.map(pick)),
      with: median(watched.map(pick)),
    })
    const cpu = pair(({ exec }) => exec.cpuUs)
    const wall = pair(({ exec }) => exec.wallUs)
    const getpid = pair(({ getpidNs }) => getpidNs / 1000)
    const added = ({ without: off, with: on }: Pair): number => on - off
    const rows = (measure: string, ours: Pair, theirs: Pair, most: number): string[][] => [
      [`${measure} without agent, µs`, figure(ours.without), figure(theirs.without), ''],
      [`${measure} with agent, µs`, figure(ours.with), figure(theirs.with), ''],
      [
        `${measure}, added µs`,
        `${figure(added(ours))} (${change(ours.without, ours.with)})`,
        `${figure(added(theirs))} (${change(theirs.without, theirs.with)})`,
        goal(`at most ${figure(most)}`, added(ours) <= most),
      ],
    ]
    const first = median(watched.map((round) => round.firstEventMs)) / 1000
    const originalFirst = instructions.firstEventMs / 1000
    const ready = median(watched.map((round) => round.readyMs)) / 1000
    return {
      tables: [
        {
          title:
            `Linux ${context.kernel}, 1 CPU, 1 ns = 1 instruction ` +
            `(medians of ${plan.rounds} alternating rounds)`,
          head: ['measure', 'tetragon-ts', 'Tetragon 1.5.0', 'goal'],
          rows: [
            ...rows(
              'CPU time per exec',
              cpu,
              instructions.execCpu,
              added(instructions.execCpu) / 2,
            ),
            ...rows(
              'wall time per exec',
              wall,
              instructions.execWall,
              added(instructions.execWall) / 2,
            ),
            ...rows('getpid', getpid, instructions.getpid, 0.005),
            [
              "agent's CPU time per exec, µs",
              figure(median(watched.map((round) => round.agentUs))),
              '',
              '',
            ],
            [
              'the same for the first execs after its start',
              figure(median(watched.map((round) => round.coldUs))),
              '',
              '',
            ],
            [
              'start to first event, s',
              figure(first),
              figure(originalFirst),
              goal(`at most ${figure(originalFirst / 3)}`, first <= originalFirst / 3),
            ],
            ['start until ready, s', figure(ready), '', ''],
          ],
        },
        {
          title: 'Instructions per hit of the kernel programs, the measurement itself included',
          head: ['program', 'per hit'],
          rows: hooks.map(({ name, nsPerHit }) => [name, figure(nsPerHit)]),
        },
      ],
      notes: [`Events: ${completeness(results)}`],
    }
  },
}
