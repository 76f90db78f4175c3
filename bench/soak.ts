import type { Benchmark } from './benchmark.ts'
import { count, figure, goal, mebibyte } from './figures.ts'
import { type LongRun, longRun } from './service/long-run.ts'
import type { Table } from './table.ts'
import { WorkFiles } from './work-files.ts'

const rate = 20_000
const defaultMinutes = 30
const sampleMs = 1000
/** Share of the time during which memory may grow. */
const warmUp = 0.1
const allowed = 0.1
/** Number of parts of the remaining time: between garbage collections memory varies. */
const windows = 30

/** Whether an agent under load remains stable for a long time. */
export const soak: Benchmark = {
  name: 'soak',
  summary: 'memory and descriptors of the agent under 20,000 events per second, for 30 minutes',
  onlyAsked: 'takes minutes',
  async run({ minutes = defaultMinutes, progress }) {
    using files = new WorkFiles()
    const args = ['--export-file-max-size-mb', '10', '--export-file-max-backups', '3']
    const options = { rate, minutes, clients: [1], args, sampleMs, progress }
    const run = await longRun(files, options)
    return {
      tables: [resultTable(run)],
      notes: [
        'One client receives all events; the file is rotated every 10 MB, about twice a second, and ' +
          'three old ones are kept.',
        ...run.complaints.filter((line) => line.includes('lost')),
      ],
    }
  },
}

function resultTable(run: LongRun): Table {
  const { samples } = run
  const [first] = samples
  const last = samples[samples.length - 1]
  const later = samples.slice(Math.floor(samples.length * warmUp))
  const memory = later.map(({ residentBytes }) => residentBytes / mebibyte)
  const windowCount = Math.min(windows, memory.length)
  const means = parts(memory, windowCount).map(mean)
  const usual = mean(memory)
  const off = Math.max(...means.map((each) => Math.abs(each / usual - 1)))
  const descriptors = later.map((each) => each.descriptors)
  const [fewest, mostDescriptors] = [Math.min(...descriptors), Math.max(...descriptors)]
  const [stream] = run.reports[0].streams
  const missing = run.events - stream.marked
  const range = (values: readonly number[]): string =>
    `${figure(Math.min(...values))} to ${figure(Math.max(...values))}`
  return {
    title: '',
    head: ['measure', 'result', 'goal'],
    rows: [
      ['resident memory at the start, MiB', figure(first.residentBytes / mebibyte), ''],
      ['the same after a tenth of the time, mean, MiB', figure(usual), ''],
      [
        `the same of each ${windowCount}th part of the time, MiB`,
        range(means),
        goal(`±${allowed * 100} %`, off <= allowed),
      ],
      ['the same at single times, MiB', range(memory), ''],
      [
        'descriptors',
        `${fewest} to ${mostDescriptors}`,
        // An additional file is open during rotation.
        goal('no growth', mostDescriptors - fewest <= 1),
      ],
      ['CPU time of the agent, s', figure(last.cpuNs / 1e9), ''],
      ['events sent', count(run.events), ''],
      [
        'lost in the ring, not received',
        `${run.lost}, ${missing}`,
        goal('0', run.lost + missing === 0),
      ],
    ],
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Splits values into consecutive parts of the same length. */
function parts(values: readonly number[], count: number): number[][] {
  return Array.from({ length: count }, (_, i) =>
    values.slice(
      Math.floor((i * values.length) / count),
      Math.floor(((i + 1) * values.length) / count),
    ),
  )
}
