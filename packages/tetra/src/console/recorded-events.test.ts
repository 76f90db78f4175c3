import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { after, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import { frameHeaderSize } from '@tetragon-ts/console/frames'
import * as fc from 'fast-check'
import { RecordedEvents } from './recorded-events.ts'

const folder = mkdtempSync(join(tmpdir(), 'recorded-'))
after(() => rmSync(folder, { recursive: true }))

const codec = codecOf(GetEventsResponse)
const file = (name: string): string => join(folder, name)
/** An event at a number of milliseconds, as a page decodes it. */
const eventAt = (ms: number, binary = `/${ms}`): object => {
  const time = new Date(ms).toISOString()
  return codec.decode(codec.encode({ process_exec: { process: { binary } }, time }))
}
const linesOf = (events: readonly object[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join('')

/** What a page gets: the events, and the last state. */
async function received(...paths: string[]): Promise<{ events: object[]; recorded: string }> {
  const source = await RecordedEvents.find(paths)
  const page = new PassThrough()
  const stop = new AbortController()
  const sent = source.send(page, stop.signal)
  const events: object[] = []
  let rest = Buffer.alloc(0)
  for await (const chunk of page) {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= frameHeaderSize) {
      const end = frameHeaderSize + rest.readUInt32BE(1)
      if (rest.length < end) break
      const [kind, content] = [rest[0], rest.subarray(frameHeaderSize, end)]
      rest = rest.subarray(end)
      if (kind === 0) events.push(codec.decode(content))
      const { recorded } = kind === 1 ? JSON.parse(content.toString()) : {}
      if (recorded === undefined) continue
      stop.abort()
      await sent
      return { events, recorded }
    }
  }
  throw new Error('the stream has ended without a summary')
}

describe('recorded events', () => {
  it('are those of all files, in order of time, compressed or not', async () => {
    writeFileSync(file('new.log'), linesOf([eventAt(5000), eventAt(6000)]))
    writeFileSync(file('old.log.gz'), gzipSync(linesOf([eventAt(1000), eventAt(5500)])))
    writeFileSync(file('empty.log'), '')
    const { events, recorded } = await received(
      ...[file('new.log'), file('old.log.gz'), file('empty.log')],
    )
    assert.deepEqual(events, [eventAt(1000), eventAt(5000), eventAt(5500), eventAt(6000)])
    assert.equal(recorded, 'recorded: 4 events of 3 files')
  })

  it('are in order of time over any files whose events are in order', async () => {
    const times = fc.array(fc.nat(100), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(fc.array(times, { minLength: 1, maxLength: 5 }), async (lists) => {
        const paths = lists.map((list, i) => {
          const sorted = list.toSorted((a, b) => a - b)
          writeFileSync(file(`${i}.log`), linesOf(sorted.map((ms) => eventAt(ms))))
          return file(`${i}.log`)
        })
        const { events } = await received(...paths)
        const all = lists.flat().toSorted((a, b) => a - b)
        assert.deepEqual(
          events,
          all.map((ms) => eventAt(ms)),
        )
      }),
      { numRuns: 50 },
    )
  })

  it('keep the order of their file, whatever their times', async () => {
    const own = [eventAt(3000), eventAt(1000), { process_exec: { process: { pid: 1 } } }]
    writeFileSync(file('own.log'), linesOf(own))
    assert.deepEqual((await received(file('own.log'))).events, own)
  })

  it('may have fields that are unknown here', async () => {
    const line = JSON.stringify({ ...eventAt(1), later: { added: true } })
    writeFileSync(file('later.log'), line)
    assert.deepEqual((await received(file('later.log'))).events, [eventAt(1)])
  })

  it('exclude broken lines, which are counted', async () => {
    const lines = ['{"process_exec":', '[]', '{"new_kind":{}}', '{"time":"x","process_exec":{}}']
    writeFileSync(file('broken.log'), `${lines.join('\n')}\n\n${linesOf([eventAt(1)])}`)
    const { events, recorded } = await received(file('broken.log'))
    assert.deepEqual(events, [eventAt(1)])
    assert.match(
      recorded,
      /^recorded: 1 events of 1 file, skipped 4 broken lines \(the first: .*line 1: /,
    )
  })

  it('end where a compressed file is cut off, which is reported', async () => {
    const events = Array.from({ length: 5000 }, (_, i) => eventAt(i, `/${Math.random()}`))
    const bytes = gzipSync(linesOf(events))
    writeFileSync(file('cut.log.gz'), bytes.subarray(0, bytes.length - 1000))
    writeFileSync(file('next.log'), linesOf([eventAt(9000)]))
    const all = await received(file('cut.log.gz'), file('next.log'))
    assert.deepEqual(all.events.at(-1), eventAt(9000))
    assert.deepEqual(all.events.slice(0, 1000), events.slice(0, 1000))
    assert.match(all.recorded, /files, cut off: 1 file \(.*cut\.log\.gz, in line [\d]+\)$/)
  })

  it('end where a file is cut off, which is no broken line', async () => {
    const whole = linesOf([eventAt(1), eventAt(2), eventAt(3)])
    writeFileSync(file('part.log'), whole.slice(0, -20))
    writeFileSync(file('broken.log'), `{"process_exec":\n${whole}`)
    writeFileSync(file('early.log.gz'), gzipSync(whole).subarray(0, 12))
    const paths = [file('part.log'), file('broken.log'), file('early.log.gz')]
    const { events, recorded } = await received(...paths)
    assert.equal(events.length, 5)
    const [broken, cutOff] = recorded.split('), ').slice(-2)
    assert.match(
      broken,
      /^recorded: 5 events of 3 files, skipped 1 broken line \(.*broken.log, line 1: /,
    )
    assert.match(cutOff, /^cut off: 2 files \(the first: .*\.log(\.gz)?, in line \d\)$/)
  })

  it('may lack the last line end', async () => {
    writeFileSync(file('bare.log'), linesOf([eventAt(1), eventAt(2)]).trimEnd())
    const { recorded } = await received(file('bare.log'))
    assert.equal(recorded, 'recorded: 2 events of 1 file')
  })

  it('end where a compressed file is damaged, with the reason', async () => {
    const events = Array.from({ length: 5000 }, (_, i) => eventAt(i, `/${Math.random()}`))
    const bytes = gzipSync(linesOf(events))
    bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 2000)
    writeFileSync(file('damaged.log.gz'), bytes)
    const { recorded } = await received(file('damaged.log.gz'))
    assert.match(recorded, /, read in part: 1 file \(.*damaged\.log\.gz, from line \d+ on: /)
  })

  it('of files that cannot be read are an error at once, with the path', async () => {
    await assert.rejects(RecordedEvents.find([file('nowhere')]), /^Error: read .*nowhere: ENOENT/)
    await assert.rejects(RecordedEvents.find([folder]), new RegExp(`${folder}: EISDIR`))
    writeFileSync(file('false.log.gz'), Buffer.of(0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10))
    const unknown = /false\.log\.gz: unknown compression method/
    await assert.rejects(RecordedEvents.find([file('false.log.gz')]), unknown)
  })

  it('are read as fast as the page reads them', async () => {
    const big = file('big.log')
    const part = linesOf(Array.from({ length: 1000 }, (_, i) => eventAt(i, 'x'.repeat(1000))))
    for (let i = 0; i < 20; i++) appendFileSync(big, part)
    const source = await RecordedEvents.find([big])
    const stop = new AbortController()
    let [taken, most, writesTooEarly] = [0, 0, 0]
    const page = new Writable({
      // A page that is slower than files.
      write: (chunk: Buffer, _, done) => {
        taken += chunk.length
        most = Math.max(most, page.writableLength)
        setTimeout(done, 5)
      },
    })
    const write = page.write.bind(page)
    page.write = (chunk: Buffer) => {
      if (page.writableNeedDrain) writesTooEarly++
      return write(chunk)
    }
    const end = source.send(page, stop.signal)
    while (taken < 20_000_000) await turn()
    stop.abort()
    await end
    assert.equal(writesTooEarly, 0)
    // A chunk of the file, with the frames around its events.
    assert.ok(most < 1 << 20, `${most} bytes wait`)
  })

  it('end when the page is gone while it does not read', async () => {
    const big = file('big.log')
    const stop = new AbortController()
    const page = new PassThrough()
    const end = (await RecordedEvents.find([big])).send(page, stop.signal)
    while (!page.writableNeedDrain) await turn()
    stop.abort()
    await end
  })
})
