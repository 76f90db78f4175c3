import type { Benchmark } from './benchmark.ts'
import { change, count, figure, goal, mebibyte, median } from './figures.ts'
import { original } from './vm/original.ts'
import { completeness, runGuest } from './vm/run-guest.ts'

const plan = { rounds: 9, execs: 1000, getpids: 1_000_000, hookExecs: 1000, icount: false }
const { wall } = original

/** Comparison with the original in an emulated machine with two processors. */
export const vmExec: Benchmark = {
  name: 'vm-exec',
  summary: 'exec, getpid, start and memory in the virtual machine, compared with the original',
  needsVm: true,
  async run(context) {
    const results = await runGuest(context, plan)
    const { without, watched } = results
    const [off, on] = [without, watched].map((r) => median(r.map(({ exec }) => exec.wallUs)))
    const [idle, busy] = [without, watched].map((r) => median(r.map((x) => x.getpidNs)) / 1000)
    const of = (pick: (round: (typeof watched)[number]) => number): number =>
      median(watched.map(pick))
    const firstEvent = of((r) => r.firstEventMs)
    // The speed of emulation depends on the host, so both starts are given as a number of execs.
    const startInExecs = (firstEvent * 1000) / off
    const originalStartInExecs = (wall.firstEventMs * 1000) / wall.exec.without
    const resident = of((r) => r.residentBytes) / mebibyte
    const later = of((r) => r.residentLaterBytes) / mebibyte
    const maps = of((r) => r.mapBytes) / mebibyte
    const { programs } = watched[0]
    const sum = (name: 'instructions' | 'verifiedInstructions'): number =>
      programs.reduce((total, program) => total + program[name], 0)
    const originalAdded = wall.exec.with - wall.exec.without
    return {
      tables: [
        {
          title: `Linux ${context.kernel}, 2 CPUs, 3 GiB (medians of ${plan.rounds} alternating rounds)`,
          head: ['measure', 'tetragon-ts', 'Tetragon 1.5.0', 'goal'],
          rows: [
            ['exec without agent, µs', figure(off), figure(wall.exec.without), ''],
            ['exec with agent, µs', figure(on), figure(wall.exec.with), ''],
            [
              'exec, slower by',
              change(off, on),
              change(wall.exec.without, wall.exec.with),
              goal('≤ 30 %', on / off <= 1.3),
            ],
            ['exec, added µs', figure(on - off), figure(originalAdded), ''],
            [
              'getpid, slower by',
              change(idle, busy),
              change(wall.getpid.without, wall.getpid.with),
              goal('no difference (3 %)', busy / idle < 1.03),
            ],
            [
              'start to first event, s',
              figure(firstEvent / 1000),
              figure(wall.firstEventMs / 1000),
              '',
            ],
            [
              'the same, in execs without agent',
              count(Math.round(startInExecs)),
              count(Math.round(originalStartInExecs)),
              goal('at most a third', startInExecs <= originalStartInExecs / 3),
            ],
            ['start until ready, s', figure(of((r) => r.readyMs) / 1000), '', ''],
            [
              'kernel memory of maps, MiB (without the ring)',
              figure(maps),
              `${figure(wall.mapMiB)} MB`,
              goal('< 8', maps < 8),
            ],
            [
              'resident memory after start, MiB',
              figure(resident),
              `${figure(wall.residentMiB)} MB`,
              goal('not above', resident <= wall.residentMiB),
            ],
            [`the same after ${count(results.execs)} execs, MiB`, figure(later), '', ''],
            ['programs', String(programs.length), String(wall.programs.count), ''],
            ['instructions', count(sum('instructions')), count(wall.programs.instructions), ''],
            [
              'instructions that the verifier walked',
              count(sum('verifiedInstructions')),
              count(wall.programs.walked),
              '',
            ],
          ],
        },
      ],
      notes: [`Events: ${completeness(results)}`],
    }
  },
}
