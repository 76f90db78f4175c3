import { rmSync } from 'node:fs'
import type { Benchmark, BenchmarkContext } from './benchmark.ts'
import { countLines } from './event-count.ts'
import { count, figure, goal, ratio } from './figures.ts'
import { livingProcesses } from './ring/living-processes.ts'
import { profileTable } from './ring/profile-table.ts'
import { type Trial, trial } from './ring/trial.ts'
import type { Table } from './table.ts'
import { WorkFiles } from './work-files.ts'

const ringSize = 1 << 24
const goalEvents = 250_000
const seconds = 10
/** Initial rate of the search, in processes per second. */
const slowest = 60_000
const probeSeconds = 2
const largestFile = 1 << 26
const attempts = 5
const bisections = 3

type Way = 'counting' | 'profiled' | 'kept'
type Run = (rate: number, seconds: number, way?: Way) => Promise<Trial>

/** Number of events per second from the ring into a file, without loss. */
export const ringToFile: Benchmark = {
  name: 'ring-to-file',
  summary: 'events per second from the ring into a file without loss; CPU time per event',
  needsVm: false,
  async run({ progress, profile }) {
    using files = new WorkFiles()
    const file = files.path('events.json')
    const run = runner(file, progress)
    const best = await highestRate(run)
    checkEvents(best)
    await checkLines(run, file, best.measured / best.seconds)
    const rate = best.measured / best.seconds
    const counting = await run(rate, seconds, 'counting')
    const toNull = await runner('/dev/null', progress)(rate, seconds)
    const tables = [rateTable(best), costTable(best, counting, toNull)]
    if (profile) {
      const profiled = await run(rate, seconds, 'profiled')
      tables.push(profileTable(`${file}.profile`, profiled.threadNs / profiled.events))
    }
    return {
      tables,
      notes: [
        `A line is ${figure(best.bytes / best.events)} bytes on average; the ring has ` +
          `${ringSize / 2 ** 20} MiB; the producer spins on its own CPU.`,
        'The CPU time of the whole process includes the helpers of the garbage collector and compiler.',
      ],
    }
  },
}

function runner(file: string, progress: BenchmarkContext['progress']): Run {
  return async (rate, runSeconds, way) => {
    const isFile = file !== '/dev/null'
    if (isFile) rmSync(file, { force: true })
    const thread = way === undefined || way === 'kept' ? 'agent' : way
    const empties = isFile && thread !== 'counting' && way !== 'kept'
    const options = { rate, seconds: runSeconds, ringSize, file, thread } as const
    const result = await trial({ ...options, largestFile: empties ? largestFile : 0 })
    const outcome = result.sustained ? 'held' : `not held (${result.lost} records lost)`
    progress(`${thread} reader, ${Math.round(rate)} processes/s for ${runSeconds} s: ${outcome}`)
    return result
  }
}

/** Raises the rate until records are lost, narrows the limit, then runs for the full time. */
async function highestRate(run: Run): Promise<Trial> {
  let held = slowest
  let failed = slowest
  for (;;) {
    const { sustained } = await run(failed, probeSeconds)
    if (!sustained) break
    held = failed
    failed = Math.round(failed * 1.3)
  }
  for (let step = 0; step < bisections; step++) {
    const middle = Math.round((held + failed) / 2)
    if ((await run(middle, probeSeconds)).sustained) held = middle
    else failed = middle
  }
  for (let rate = held; ; rate = Math.round(rate * 0.96)) {
    const result = await run(rate, seconds)
    if (result.sustained) return result
    if (rate < 1000) throw new Error('find the highest rate: not even 1,000 processes/s are held')
  }
}

/**
 * Two events of each process, one of those that still live, one of their parent and of the kernel.
 */
function checkEvents({ processes, events }: Trial): void {
  const wanted = 2 + processes + (processes - livingProcesses)
  if (events !== wanted) throw new Error(`check events: ${events} events, expected ${wanted}`)
}

/** The same at the same rate for the lines of the file, over a time whose lines can all be kept. */
async function checkLines(run: Run, file: string, rate: number): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const result = await run(rate, probeSeconds, 'kept')
    if (!result.sustained) continue
    checkEvents(result)
    const lines = await countLines(file)
    if (lines !== result.events) {
      throw new Error(`check lines: ${lines} lines of ${result.events} events`)
    }
    return
  }
  throw new Error('check lines: the rate that was found is not held again')
}

function rateTable(best: Trial): Table {
  const processes = best.measured / best.seconds
  const perSecond = processes * (best.events / best.processes)
  const rounded = (value: number): string => count(Math.round(value))
  return {
    title: `Highest rate held for ${seconds} s`,
    head: ['measure', 'result', 'goal'],
    rows: [
      [
        'events per second (half exec, half exit)',
        rounded(perSecond),
        goal(`≥ ${rounded(goalEvents)}`, perSecond >= goalEvents),
      ],
      ['processes per second (fork + exec + exit)', rounded(processes), ''],
      ['records per second', rounded((processes * best.records) / best.processes), ''],
      ['MB written per second', rounded((processes * best.bytes) / best.processes / 1e6), ''],
      [
        'records lost, events not written',
        `${best.lost}, ${best.sinkLost}`,
        goal('0', best.lost + best.sinkLost === 0),
      ],
    ],
  }
}

function costTable(best: Trial, counting: Trial, toNull: Trial): Table {
  const row = (name: string, ns: (trial: Trial) => number): string[] => {
    const per = (t: Trial): number => ns(t) / best.events
    return [
      name,
      figure(per(counting)),
      figure(per(toNull)),
      figure(per(best)),
      ratio(per(counting), per(best)),
    ]
  }
  return {
    title: 'CPU time per event at that rate, ns',
    head: ['measure', 'records only counted', 'events to /dev/null', 'events to the file', 'ratio'],
    rows: [
      row('reader thread', ({ threadNs }) => threadNs),
      row('whole process', ({ processNs }) => processNs),
    ],
  }
}
