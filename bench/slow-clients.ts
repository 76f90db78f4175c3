import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Benchmark } from './benchmark.ts'
import { figure, goal, mebibyte } from './figures.ts'
import type { Received } from './service/counting-client.ts'
import { countMarked } from './service/export-lines.ts'
import { type Sample, sample } from './service/samples.ts'
import { type ServiceRun, type ServiceRunning, serviceRun } from './service/service-run.ts'
import type { Table } from './table.ts'
import { WorkFiles } from './work-files.ts'

const rate = 1500
const defaultMinutes = 5
const quick = 45
const stopped = 5
const sampleMs = 500
/** Times at which clients are stopped and wake up, seconds from begin and end. */
const stopAfter = 2
const wakeBefore = 10

/** Whether clients that do not read harm anybody but themselves. */
export const slowClients: Benchmark = {
  name: 'slow-clients',
  summary: '50 clients under 1,500 events per second for 5 minutes, 5 of them stopped',
  onlyAsked: 'takes minutes',
  async run({ minutes = defaultMinutes, progress }) {
    using files = new WorkFiles()
    const seconds = minutes * 60
    // Those that are to be stopped are processes of their own.
    const clients = [quick, ...new Array<number>(stopped).fill(1)]
    const agent = { args: ['--export-file-max-backups', '0', '--export-file-max-size-mb', '100'] }
    const samples: Sample[] = []
    let file = ''
    const run = await serviceRun(
      files,
      { rate, seconds, clients, agent, raised: true },
      async (running) => {
        file = running.agent.file
        progress(`${rate} events/s for ${minutes} minutes`)
        const stops = stopAndWake(running, seconds)
        samples.push(...(await sample(running.agent.pid, seconds, sampleMs)))
        await stops
      },
    )
    const exported = await countMarked(exportFiles(file))
    return {
      tables: [streamTable(run), resultTable(run, samples, exported)],
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

/** The file and those that were put aside. */
function exportFiles(file: string): string[] {
  const folder = dirname(file)
  const begin = basename(file).replace(/\.json$/, '')
  const names = readdirSync(folder).filter((name) => name.startsWith(begin))
  return names.map((name) => join(folder, name))
}

function streamTable({ reports }: ServiceRun): Table {
  const [first, ...others] = reports
  const row = (name: string, streams: readonly Received[]): string[] => {
    const range = (of: (stream: Received) => number): string => {
      const values = streams.map(of)
      const [least, most] = [Math.min(...values), Math.max(...values)]
      const comma = (value: number): string => value.toLocaleString('en-US')
      return least === most ? comma(least) : `${comma(least)} to ${comma(most)}`
    }
    return [
      name,
      String(streams.length),
      range(({ marked, others }) => marked + others),
      range(({ toldLost }) => toldLost),
      range(({ marked, others, toldLost }) => marked + others + toldLost),
    ]
  }
  return {
    title: 'What each client got',
    head: ['clients', 'number', 'events received', 'events told as lost', 'sum'],
    rows: [
      row('that read', first.streams),
      row(
        'that were stopped',
        others.flatMap(({ streams }) => streams),
      ),
    ],
  }
}

function resultTable(run: ServiceRun, samples: readonly Sample[], exported: number): Table {
  const { events, lost, reports } = run
  const [first, ...slow] = reports
  const total = ({ marked, others, toldLost }: Received): number => marked + others + toldLost
  const wanted = total(first.streams[0])
  const missing = first.streams.reduce((sum, { marked }) => sum + events - marked, 0)
  const untold = slow.flatMap(({ streams }) => streams).map((stream) => wanted - total(stream))
  const memory = samples.map(({ residentBytes }) => residentBytes / mebibyte)
  const comma = (value: number): string => value.toLocaleString('en-US')
  return {
    title: '',
    head: ['measure', 'result', 'goal'],
    rows: [
      ['events sent', comma(events), ''],
      ['lost in the ring', comma(lost), goal('0', lost === 0)],
      ['missing at clients that read', comma(missing), goal('0', missing === 0)],
      [
        'missing and not told, at those that were stopped',
        untold.join(', '),
        goal(
          '0',
          untold.every((count) => count === 0),
        ),
      ],
      ['events in the export files', comma(exported), goal('all', exported === events)],
      [
        'resident memory of the agent, MiB: begin, most',
        `${figure(memory[0])}, ${figure(Math.max(...memory))}`,
        '',
      ],
    ],
  }
}
