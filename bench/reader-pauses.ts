import { readFileSync } from 'node:fs'
import type { Benchmark } from './benchmark.ts'
import { count, figure, goal } from './figures.ts'
import type { Percentiles } from './ring/file-follower.ts'
import { type Trial, trial } from './ring/trial.ts'
import type { Collections } from './ring/watched-worker.ts'
import type { Table } from './table.ts'
import { WorkFiles } from './work-files.ts'

const ringSize = 1 << 24
const largestFile = 1 << 26
/** Events per second: half of them exec, half of them exit. */
const rates = [20_000, 100_000] as const
const seconds = 30
/** The producer sends slowly first, and V8 compiles. */
const ignoredMs = 5000

interface Run {
  readonly rate: number
  readonly result: Trial
  readonly collections: Collections
}

/** How long events take from the kernel to the export file while garbage is collected. */
export const readerPauses: Benchmark = {
  name: 'reader-pauses',
  summary: "age of events when they are in the file, and pauses of V8's garbage collector",
  needsVm: false,
  async run({ progress }) {
    using files = new WorkFiles()
    const file = files.path('events.json')
    const runs: Run[] = []
    for (const rate of rates) {
      const load = { rate: rate / 2, seconds, ringSize, file, largestFile }
      const result = await trial({ ...load, thread: 'watched', followsAfterMs: ignoredMs })
      const collections = JSON.parse(readFileSync(`${file}.profile`, 'utf8')) as Collections
      runs.push({ rate, result, collections })
      progress(`${rate} events/s: ${result.sustained ? 'held' : 'not held'}`)
    }
    return {
      tables: [latencyTable(runs), pauseTable(runs)],
      notes: [
        'A line counts when another thread finds it in the file, which it reads every millisecond. ' +
          'The delays of that thread are part of the ages.',
        `The first ${ignoredMs / 1000} s are omitted from the ages, not from the collections.`,
      ],
    }
  },
}

function latencyTable(runs: readonly Run[]): Table {
  const row = (name: string, { count: lines, ...times }: Percentiles): string[] => {
    const { median, p99, p999, max } = times
    return [name, count(lines), ...[median, p99, p999, max].map(figure)]
  }
  return {
    title: 'From the time in an event until its line is in the file, ms',
    head: ['measure', 'number', 'median', '99 %', '99.9 %', 'maximum'],
    rows: runs.flatMap(({ rate, result }) => [
      row(`events, ${count(rate)} per second`, result.follower!.latencies),
      row('… delays of the thread that reads the file', result.follower!.ownDelays),
    ]),
  }
}

function pauseTable(runs: readonly Run[]): Table {
  const rows = runs.flatMap(({ rate, result, collections }) => {
    const perSecond = `${count(rate)} events per second`
    const { lost, sinkLost } = result
    return [
      collectionRow(`young objects, ${perSecond}`, collections.young),
      collectionRow(`all objects, ${perSecond}`, collections.others),
      ['… records and events lost', `${lost}, ${sinkLost}`, '', goal('0', lost + sinkLost === 0)],
    ]
  })
  return {
    title: "Collections of garbage in the reader's thread, ms",
    head: ['collections of', 'number', 'all together', 'longest'],
    rows,
  }
}

function collectionRow(name: string, durations: readonly number[]): string[] {
  const sum = durations.reduce((all, each) => all + each, 0)
  return [name, count(durations.length), figure(sum), figure(Math.max(0, ...durations))]
}
