import { statSync } from 'node:fs'
import { OpenConsole } from '@tetragon-ts/test/console'
import type { Benchmark } from './benchmark.ts'
import { count, figure, mebibyte } from './figures.ts'
import { compress, writeLog } from './recorded-log.ts'
import { WorkFiles } from './work-files.ts'

/** Bytes of the log. */
const logBytes = 2 * 1024 * mebibyte
/** Milliseconds between samples of memory. */
const sampleMs = 200

/** What `tetra console` and its page need for a large recorded file. */
export const consoleLog: Benchmark = {
  name: 'console-log',
  summary: 'tetra console --log in Chromium: a log of 2 GiB, also compressed',
  onlyAsked: 'takes minutes, and needs Chromium',
  async run({ progress }) {
    using files = new WorkFiles()
    const [plain, compressed] = [files.path('tetragon.log'), files.path('tetragon.log.gz')]
    progress('write the log')
    const { events } = await writeLog(plain, logBytes)
    await compress(plain, compressed)
    const columns: Opened[] = []
    for (const path of [plain, compressed]) {
      progress(`open ${path}`)
      columns.push(await openLog(path))
    }
    const row = (name: string, value: (opened: Opened) => string) => [name, ...columns.map(value)]
    return {
      tables: [
        {
          title: `A log of ${figure(logBytes / mebibyte)} MiB, ${count(events)} events`,
          head: ['measure', 'plain', 'gzip'],
          rows: [
            row('size of the file, MiB', ({ bytes }) => figure(bytes / mebibyte)),
            row('first event on the screen after, s', ({ firstMs }) => figure(firstMs / 1000)),
            row('last event in the page after, s', ({ lastMs }) => figure(lastMs / 1000)),
            row('events per second', ({ lastMs }) => count(Math.round((events * 1000) / lastMs))),
            row('most resident memory of the page, MiB', ({ page }) => figure(page / mebibyte)),
            row('most resident memory of tetra, MiB', ({ server }) => figure(server / mebibyte)),
          ],
        },
      ],
      notes: ['The page keeps the last million events. The times include the start of tetra.'],
    }
  },
}

interface Opened {
  /** Of the file. */
  readonly bytes: number
  /** Milliseconds from the start of `tetra console`. */
  readonly firstMs: number
  readonly lastMs: number
  /** Most resident bytes. */
  readonly page: number
  readonly server: number
}

async function openLog(path: string): Promise<Opened> {
  const started = performance.now()
  await using console = await OpenConsole.open('--log', path)
  await console.page.locator('.row').first().waitFor()
  const firstMs = performance.now() - started
  const recorded = console.page.getByRole('status').filter({ hasText: 'recorded:' })
  let [page, server] = [0, 0]
  for (;;) {
    const isOver = (await recorded.count()) > 0
    page = Math.max(page, await console.pageMemory())
    server = Math.max(server, console.serverMemory())
    if (isOver) break
    await console.page.waitForTimeout(sampleMs)
  }
  const lastMs = performance.now() - started
  return { bytes: statSync(path).size, firstMs, lastMs, page, server }
}
