import { spawn } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import {
  FloodingAgent,
  type ListFrames,
  launchBrowser,
  OpenConsole,
  recordListFrames,
  takeListFrames,
} from '@tetragon-ts/test/console'
import { AgentProcess } from './agent-process.ts'
import type { Benchmark } from './benchmark.ts'
import { type Frames, recordFrames, takeFrames } from './console-frames.ts'
import { count, figure, goal, mebibyte, median } from './figures.ts'
import type { Table } from './table.ts'
import { WorkFiles } from './work-files.ts'

const rate = 5000
const defaultMinutes = 1
const starts = 5
/** Milliseconds for the last events to arrive. */
const patienceMs = 300_000
/** Smaller files are only in the sum. */
const listedKilobytes = 20
const goals = { slowShare: 0.01, startMs: 2000, kilobytes: 350 }

/** What a person at the console waits for, and what the page costs. */
export const consolePage: Benchmark = {
  name: 'console',
  summary: 'tetra console in Chromium: 5,000 events per second for a minute; start; sizes of files',
  onlyAsked: 'takes a minute, and needs Chromium',
  async run({ minutes = defaultMinutes, progress }) {
    using files = new WorkFiles()
    progress(`${minutes * 60} seconds`)
    const flood = await runFlood(files, minutes * 60)
    const startMs: number[] = []
    for (let start = 1; start <= starts; start++) {
      progress(`start ${start} of ${starts}`)
      startMs.push(await measureStart(files))
    }
    return {
      tables: [floodTable(flood), await sizeTable(median(startMs))],
      notes: [
        'The frames of a browser without a screen are drawn by the CPU. Sender, tetra and browser ' +
          'share two CPUs.',
      ],
    }
  },
}

interface Flood {
  readonly sent: number
  /** Events that the page has, or has had. */
  readonly arrived: number
  readonly frames: Frames
  readonly list: ListFrames
  /** Resident bytes: before the first event, and after the last one. */
  readonly page: readonly [number, number]
  readonly server: readonly [number, number]
}

async function runFlood(files: WorkFiles, seconds: number): Promise<Flood> {
  await using agent = await FloodingAgent.start(files.path('.'))
  await using console = await OpenConsole.open('--server-address', agent.address)
  const { page } = console
  const status = page.getByRole('status')
  await status.filter({ hasText: 'events/s' }).waitFor()
  const before = [await console.pageMemory(), console.serverMemory()]
  await page.evaluate(recordFrames)
  await page.evaluate(recordListFrames)
  await agent.send(rate, seconds)
  const frames = await page.evaluate<Frames>(takeFrames)
  const list = await page.evaluate<ListFrames>(takeListFrames)
  // The page may be behind.
  const deadline = performance.now() + patienceMs
  let arrived = 0
  while (arrived < agent.sent && performance.now() < deadline) {
    arrived = eventsIn((await status.textContent()) ?? '')
  }
  return {
    sent: agent.sent,
    arrived,
    frames,
    list,
    page: [before[0], await console.pageMemory()],
    server: [before[1], console.serverMemory()],
  }
}

/** Events that the page keeps, and those that it has dropped. */
function eventsIn(status: string): number {
  const [, kept = '0'] = / of (\d+) shown/.exec(status) ?? []
  const [, dropped = '0'] = /(\d+) older events dropped/.exec(status) ?? []
  return Number(kept) + Number(dropped)
}

function floodTable({ sent, arrived, frames, list, page, server }: Flood): Table {
  const { total, slow, longestMs } = frames
  const share = slow / total
  const pair = (bytes: readonly number[]): string =>
    bytes.map((each) => figure(each / mebibyte)).join(', ')
  const perEvent = (page[1] - page[0]) / sent
  return {
    title: `${count(rate)} events per second, ${count(sent)} in all`,
    head: ['measure', 'result', 'goal'],
    rows: [
      ['events that did not arrive', count(sent - arrived), goal('0', sent === arrived)],
      ['frames', count(total), ''],
      [
        'share of frames over 50 ms',
        `${figure(share * 100)} %`,
        goal(`< ${goals.slowShare * 100} %`, share < goals.slowShare),
      ],
      ['longest frame, ms', figure(longestMs), ''],
      ['frames without rows in the list', count(list.empty), goal('0', list.empty === 0)],
      ['resident memory of the page, MiB: before, after', pair(page), ''],
      ['of it for each event, bytes', count(Math.round(perEvent)), ''],
      ['resident memory of tetra, MiB: before, after', pair(server), ''],
    ],
  }
}

/** @returns milliseconds from the start of `tetra console` until an event is on the screen */
async function measureStart(files: WorkFiles): Promise<number> {
  await using agent = await AgentProcess.start(files)
  const browser = await launchBrowser()
  // Something happens all the time.
  const shell = spawn('/bin/sh', ['-c', 'while :; do /bin/true; sleep 0.05; done'])
  try {
    const started = performance.now()
    await using console = await OpenConsole.openIn(browser, '--server-address', agent.socket)
    await console.page.locator('.row').first().waitFor()
    return performance.now() - started
  } finally {
    shell.kill('SIGKILL')
  }
}

async function sizeTable(startMs: number): Promise<Table> {
  const { pageFiles } = await import('@tetragon-ts/console/page')
  const sizes = Object.entries(pageFiles).map(([path, text]) => {
    // Their names have a hash of the content.
    const name = path.replace(/-\w{8}\./, '.')
    return [name, gzipSync(text).length / 1000] as const
  })
  const total = sizes.reduce((sum, [, size]) => sum + size, 0)
  return {
    title: 'Start and size',
    head: ['measure', 'result', 'goal'],
    rows: [
      [
        `start of tetra console until an event is on the screen, ms (median of ${starts})`,
        figure(startMs),
        goal(`< ${count(goals.startMs)}`, startMs < goals.startMs),
      ],
      ...sizes
        .filter(([, size]) => size >= listedKilobytes)
        .map(([name, size]) => [`${name}, kB compressed`, figure(size), '']),
      [
        'all files, kB compressed',
        figure(total),
        goal(`< ${goals.kilobytes}`, total < goals.kilobytes),
      ],
    ],
  }
}
