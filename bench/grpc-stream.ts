import type { Benchmark, BenchmarkContext } from './benchmark.ts'
import { count, figure, goal } from './figures.ts'
import { type StreamTrial, streamTrial } from './service/stream-trial.ts'
import type { Table } from './table.ts'
import { WorkFiles } from './work-files.ts'

const goalEvents = 100_000
/** Events per second. */
const slowest = 60_000
const step = 1.2
const probeSeconds = 3
const seconds = 10
const attempts = 3
/** A filter that decodes every event and accepts it. */
const filtered = { deny_list: [{ binary_regex: ['/nobody/has/this$'] }] }
const filteredRate = 30_000

type Run = (rate: number, seconds: number, request?: object) => Promise<StreamTrial>

/** Number of events per second that reach one client. */
export const grpcStream: Benchmark = {
  name: 'grpc-stream',
  summary: 'events per second from the ring to one client without loss; CPU time per event',
  needsVm: false,
  async run({ progress }) {
    using files = new WorkFiles()
    const run = runner(files, progress)
    const best = await highestRate(run)
    const asWanted = await held(run, goalEvents)
    const looked = await held(run, filteredRate, filtered)
    return {
      tables: [rateTable(best), costTable(asWanted, looked)],
      notes: [
        `A message is ${figure(best.bytes / best.received)} bytes on average. Agent, client and ` +
          'producer share two CPUs; the events also go to /dev/null as JSON.',
      ],
    }
  },
}

function runner(files: WorkFiles, progress: BenchmarkContext['progress']): Run {
  return async (rate, runSeconds, request) => {
    const result = await streamTrial(files, { rate, seconds: runSeconds, request })
    const { events, received, lost, sustained } = result
    const outcome = sustained
      ? 'held'
      : `not held (${events - received} missing, ${lost} in the ring)`
    progress(`${Math.round(rate)} events/s for ${runSeconds} s: ${outcome}`)
    return result
  }
}

/** Raises the rate until events are lost, then runs for the full time. */
async function highestRate(run: Run): Promise<StreamTrial> {
  let rate = slowest
  while ((await run(rate, probeSeconds)).sustained) rate *= step
  for (rate /= step; rate > 1000; rate *= 0.95) {
    const result = await run(rate, seconds)
    if (result.sustained) return result
  }
  throw new Error('find the highest rate: not even 1,000 events/s are held')
}

async function held(run: Run, rate: number, request?: object): Promise<StreamTrial> {
  for (let left = attempts; ; left--) {
    const result = await run(rate, seconds, request)
    if (result.sustained || left === 1) return result
  }
}

function rateTable(best: StreamTrial): Table {
  const perSecond = (2 * best.measured) / best.seconds
  const rounded = (value: number): string => count(Math.round(value))
  return {
    title: `Highest rate held for ${seconds} s by one client`,
    head: ['measure', 'result', 'goal'],
    rows: [
      [
        'events per second',
        rounded(perSecond),
        goal(`≥ ${rounded(goalEvents)}`, perSecond >= goalEvents),
      ],
      ['MB received per second', figure((perSecond * best.bytes) / best.received / 1e6), ''],
      [
        'records lost, events missing',
        `${best.lost}, ${best.events - best.received}`,
        goal('0', best.sustained),
      ],
    ],
  }
}

function costTable(all: StreamTrial, looked: StreamTrial): Table {
  const row = (name: string, ns: (trial: StreamTrial) => number): string[] => {
    return [name, ...[all, looked].map((trial) => figure(ns(trial) / trial.events / 1000))]
  }
  const rateOf = (trial: StreamTrial, rate: number): string =>
    `${count(rate)}/s${trial.sustained ? '' : ' (NOT HELD)'}`
  return {
    title: 'CPU time per event, µs',
    head: [
      'measure',
      `no filter, ${rateOf(all, goalEvents)}`,
      `a filter, ${rateOf(looked, filteredRate)}`,
    ],
    rows: [
      row("agent's reader thread: record to JSON and protobuf", ({ readerNs }) => readerNs),
      row("agent's main thread: server", ({ serverNs }) => serverNs),
      row('whole agent', ({ agentNs }) => agentNs),
      row('client', ({ clientNs }) => clientNs),
    ],
  }
}
