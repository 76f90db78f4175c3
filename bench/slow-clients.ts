import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Benchmark } from './benchmark.ts'
import { count, figure, goal, mebibyte } from './figures.ts'
import type { Received } from './service/counting-client.ts'
import { countMarked } from './service/export-lines.ts'
import { type LongRun, longRun } from './service/long-run.ts'
import type { ServiceRunning } from './service/service-run.ts'
import type { Table } from './table.ts'
import { WorkFiles } from './work-files.ts'

const rate = 1500
const defaultMinutes = 5
const quick = 45
const stopped = 5
const sampleMs = 500
/** Times at which clients are stopped and resumed, in seconds from start and end. */
const stopAfter = 2
const wakeBefore = 10

/** Whether clients that do not read affect others. */
export const slowClients: Benchmark = {
  name: 'slow-clients',
  summary: '50 clients under 1,500 events per second for 5 minutes, 5 of them stopped',
  onlyAsked: 'takes minutes',
  async run({ minutes = defaultMinutes, progress }) {
    using files = new WorkFiles()
    // Clients that are stopped are separate processes.
    const clients = [quick, ...new Array<number>(stopped).fill(1)]
    const args = ['--export-file-max-backups', '0', '--export-file-max-size-mb', '100']
    const options = { rate, minutes, clients, args, sampleMs, progress, during: stopAndWake }
    const run = await longRun(files, options)
    const exported = await countMarked(exportFiles(run.exportFile))
    return {
      tables: [streamTable(run), resultTable(run, exported)],
      notes: [
        `Clients of the second row are stopped with SIGSTOP after ${stopAfter} seconds and go on ` +
          `${wakeBefore} seconds before the end.`,
      ],
    }
  },
}

async function stopAndWake({ clients }: ServiceRunning, seconds: number): Promise<void> {
  const signal = (name: 'SIGSTOP' | 'SIGCONT'): void => {
    for (const { child } of clients.slice(1)) child.kill(name)
  }
  await delay(stopAfter * 1000)
  signal('SIGSTOP')
  await delay((seconds - stopAfter - wakeBefore) * 1000)
  signal('SIGCONT')
}

/** The file and its backups. */
function exportFiles(file: string): string[] {
  const folder = dirname(file)
  const begin = basename(file).replace(/\.json$/, '')
  const names = readdirSync(folder).filter((name) => name.startsWith(begin))
  return names.map((name) => join(folder, name))
}

function streamTable({ reports }: LongRun): Table {
  const [first, ...others] = reports
  const row = (name: string, streams: readonly Received[]): string[] => {
    const range = (of: (stream: Received) => number): string => {
      const values = streams.map(of)
      const [least, most] = [Math.min(...values), Math.max(...values)]
      return least === most ? count(least) : `${count(least)} to ${count(most)}`
    }
    return [
      name,
      String(streams.length),
      range(({ marked, others }) => marked + others),
      range(({ reportedLost }) => reportedLost),
      range(({ marked, others, reportedLost }) => marked + others + reportedLost),
    ]
  }
  return {
    title: 'Events of each client',
    head: ['clients', 'number', 'events received', 'events reported as lost', 'sum'],
    rows: [
      row('that read', first.streams),
      row(
        'that were stopped',
        others.flatMap(({ streams }) => streams),
      ),
    ],
  }
}

function resultTable(run: LongRun, exported: number): Table {
  const { events, lost, reports, samples } = run
  const [first, ...slow] = reports
  const total = ({ marked, others, reportedLost }: Received): number =>
    marked + others + reportedLost
  const wanted = total(first.streams[0])
  const missing = first.streams.reduce((sum, { marked }) => sum + events - marked, 0)
  const unreported = slow.flatMap(({ streams }) => streams).map((stream) => wanted - total(stream))
  const memory = samples.map(({ residentBytes }) => residentBytes / mebibyte)
  return {
    title: '',
    head: ['measure', 'result', 'goal'],
    rows: [
      ['events sent', count(events), ''],
      ['lost in the ring', count(lost), goal('0', lost === 0)],
      ['missing at running clients', count(missing), goal('0', missing === 0)],
      [
        'missing and not reported, at stopped clients',
        unreported.join(', '),
        goal(
          '0',
          unreported.every((missed) => missed === 0),
        ),
      ],
      ['events in the export files', count(exported), goal('all', exported === events)],
      [
        'resident memory of the agent, MiB: begin, most',
        `${figure(memory[0])}, ${figure(Math.max(...memory))}`,
        '',
      ],
    ],
  }
}
