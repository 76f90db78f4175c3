import { readFileSync } from 'node:fs'
import type { Benchmark } from './benchmark.ts'
import { count, figure } from './figures.ts'
import type { Percentiles } from './ring/file-follower.ts'
import { type Trial, trial } from './ring/trial.ts'
import type { Collections } from './ring/watched-worker.ts'
import type { Table } from './table.ts'
import { WorkFiles } from './work-files.ts'

const ringSize = 1 << 24
const largestFile = 1 << 26
/** Events per second: half of them exec, half of them exit. */
const rate = 20_000
const seconds = 40
/** The producer sends slowly first, and V8 compiles. */
const ignoredMs = 5000

/** How long events take from the kernel to the export file while garbage is collected. */
export const readerPauses: Benchmark = {
  name: 'reader-pauses',
  summary: "age of events when they are in the file, and pauses of V8's garbage collector",
  needsVm: false,
  async run({ progress }) {
    using files = new WorkFiles()
    const file = files.path('events.json')
    progress(`${rate} events/s for ${seconds} s`)
    const load = { rate: rate / 2, seconds, ringSize, file, largestFile }
    const result = await trial({ ...load, thread: 'watched', followsAfterMs: ignoredMs })
    const collections = JSON.parse(readFileSync(`${file}.profile`, 'utf8')) as Collections
    return {
      tables: [latencyTable(result), pauseTable(result, collections)],
      notes: [
        'Most of an age is rest: the reader rests for 4 to 48 ms between two rounds, so that it is not ' +
          'woken by each event, and lines wait for the next round while the file is written.',
        'A line counts when another thread finds it in the file, which it reads every millisecond. ' +
          'The delays of that thread are part of the ages.',
        `The first ${ignoredMs / 1000} s are omitted from the ages, not from the collections.`,
      ],
    }
  },
}

function latencyTable({ follower }: Trial): Table {
  const row = (name: string, { count: number, median, p99, p999, max }: Percentiles): string[] => {
    return [name, count(number), ...[median, p99, p999, max].map(figure)]
  }
  const { latencies, ownDelays } = follower!
  return {
    title: `From the time in an event until its line is in the file, ms, at ${count(rate)} events per second`,
    head: ['measure', 'number', 'median', '99 %', '99.9 %', 'maximum'],
    rows: [
      row('ages of events', latencies),
      row('of these, delays of the thread that reads the file', ownDelays),
    ],
  }
}

function pauseTable({ lost, sinkLost }: Trial, { young, others }: Collections): Table {
  return {
    title: "Collections of garbage in the reader's thread, and losses",
    head: ['measure', 'number', 'all together, ms', 'longest, ms'],
    rows: [
      collectionRow('collections of young objects', young),
      collectionRow('collections of all objects', others),
      ['records lost, events not written', `${lost}, ${sinkLost}`, '', ''],
    ],
  }
}

function collectionRow(name: string, durations: readonly number[]): string[] {
  const sum = durations.reduce((all, each) => all + each, 0)
  return [name, count(durations.length), figure(sum), figure(Math.max(0, ...durations))]
}
