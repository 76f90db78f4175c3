import assert from 'node:assert/strict'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { type EventClass, eventClass, sumOf } from '../queue/event-class.ts'
import type { QueuedEvent } from '../queue/event-store.ts'
import { Changes } from '../testing/changes.ts'
import { Spool } from './spool.ts'
import { waitingBytes } from './waiting-bytes.ts'

const { hook, process, enforcement } = eventClass
const all = { events: 10_000, bytes: Infinity }
const kilobyte = Buffer.alloc(1000, 'x')
const never = new AbortController().signal

describe('a spool', () => {
  let root: string
  let folder: string
  let spool: Spool
  let warnings: string[]
  const changes = new Changes()

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'spool-'))
    folder = join(root, 'out')
    warnings = []
    open()
  })
  afterEach(async () => {
    await spool.close()
    rmSync(root, { recursive: true, force: true })
  })

  function open(limit = 1 << 20): void {
    spool = new Spool({
      folder,
      limit,
      memory: 1 << 20,
      report: (lost) => Buffer.from(`lost ${lost}`),
      warn: (message) => {
        warnings.push(message)
        changes.note()
      },
    })
  }

  /** What a killed agent leaves behind: a copy of the files, as they are. */
  async function afterKill(change: () => void = () => {}, limit?: number): Promise<void> {
    const copy = join(root, 'copy')
    cpSync(folder, copy, { recursive: true })
    await spool.close()
    rmSync(folder, { recursive: true })
    renameSync(copy, folder)
    change()
    warnings = []
    open(limit)
  }

  function add(...texts: readonly (string | number)[]): void {
    for (const text of texts) spool.add(process, Buffer.from(String(text)), 1000)
  }

  /** The first events, once they are on disk: this number of them, or until the test is true. */
  async function take(
    count: number,
    isEnough = (taken: readonly QueuedEvent[]) => taken.length >= count,
  ): Promise<readonly QueuedEvent[]> {
    for (;;) {
      await spool.filled(never)
      const taken = await spool.peek({ ...all, events: count })
      if (isEnough(taken)) return taken
      await new Promise(setImmediate)
    }
  }

  async function texts(count: number): Promise<string[]> {
    return (await take(count)).map(textOf)
  }

  const segments = () => readdirSync(folder).filter((name) => name.endsWith('.segment'))
  const size = () => {
    return readdirSync(folder).reduce((sum, name) => {
      return sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
    }, 0)
  }
  const lastSegment = () => join(folder, segments().sort().at(-1) as string)

  it('keeps order, and what stays', async () => {
    add('a', 'b', 'c', 'd')
    const [, second] = await take(4)
    assert.deepEqual(await texts(4), ['a', 'b', 'c', 'd'])
    spool.remove(3, [second])
    assert.deepEqual(await texts(2), ['b', 'd'])
    spool.remove(2)
    assert.deepEqual([spool.length, spool.bytes, spool.oldest], [0, 0, undefined])
  })

  it('is filled by events, not by the search for old ones', async () => {
    const filled = spool.filled(never).then(() => spool.length)
    while (!existsSync(join(folder, 'position'))) await new Promise(setImmediate)
    for (let turns = 0; turns < 100; turns++) await new Promise(setImmediate)
    add('a')
    assert.equal(await filled, 1)
  })

  it('is private', async () => {
    add('a')
    await take(1)
    assert.equal(statSync(folder).mode & 0o777, 0o700)
    for (const name of readdirSync(folder)) {
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name)
    }
  })

  it('has all events after an end, and no files if it is empty', async () => {
    add('a', 'b')
    await spool.close()
    open()
    add('c')
    assert.deepEqual(await texts(3), ['a', 'b', 'c'])
    spool.remove(3)
    await spool.close()
    assert.deepEqual(segments(), [])
    assert.deepEqual(spool.lost, [0, 0, 0])
  })

  it('has what was not acknowledged after the agent was killed', async () => {
    add('a', 'b', 'c', 'd')
    const [, second] = await take(4)
    spool.remove(3, [second])
    await spool.close()
    open()
    // c was acknowledged behind b: it is sent twice.
    assert.deepEqual(await texts(3), ['b', 'c', 'd'])
    await afterKill()
    assert.deepEqual(await texts(3), ['b', 'c', 'd'])
    assert.deepEqual(warnings, [])
  })

  it('has the bytes of what was not acknowledged in its files', async () => {
    add('a', 'bb', 'ccc')
    await take(3)
    const record = 17
    assert.equal(waitingBytes(folder), 3 * record + 6)
    spool.remove(2)
    await spool.close()
    assert.equal(waitingBytes(folder), record + 3)
    open()
    add('new')
    await take(2)
    spool.remove(2)
    while (waitingBytes(folder) > 0) await new Promise(setImmediate)
    // A killed agent leaves the segment that it was writing.
    while (segments().length > 1) await new Promise(setImmediate)
    assert.ok(statSync(lastSegment()).size > 20)
  })

  it('drops the torn event at the end of a segment, and counts it', async () => {
    add('first', 'second', 'third')
    await take(3)
    await afterKill(() => truncateSync(lastSegment(), statSync(lastSegment()).size - 2))
    await take(2)
    add('new')
    assert.deepEqual(await texts(4), ['first', 'second', 'lost 1', 'new'])
    assert.deepEqual(spool.lost, [0, 1, 0])
    assert.match(warnings[0], /spool is damaged: .*segment: 20 bytes at its end are not whole/)
    // Once: the next agent does not find it any more.
    await afterKill()
    assert.deepEqual(await texts(4), ['first', 'second', 'lost 1', 'new'])
    assert.deepEqual([spool.lost, warnings], [[0, 0, 0], []])
  })

  it('ignores a position behind the end: the receiver has everything', async () => {
    add('a', 'b')
    await take(2)
    spool.remove(2)
    add('c')
    await take(1)
    spool.remove(1)
    await spool.close()
    writeFileSync(join(folder, '000000000000001.segment'), head(1))
    open()
    add('d')
    assert.deepEqual(await texts(1), ['d'])
  })

  it('sends everything again if the position is damaged', async () => {
    add('a', 'b')
    await take(2)
    spool.remove(1)
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(56, 0xff)]) {
      await afterKill(() => writeFileSync(join(folder, 'position'), bytes))
      assert.deepEqual(await texts(2), ['a', 'b'])
    }
  })

  it('is bounded on disk, and hook events leave room for the others', async () => {
    const addMany = async (of: EventClass, count: number): Promise<void> => {
      for (let i = 0; i < count; i += 100) {
        for (let j = 0; j < 100; j++) spool.add(of, kilobyte, 1000)
        // Until nothing is in memory only.
        await take(spool.length)
      }
    }
    await addMany(hook, 1000)
    const before = spool.length
    assert.ok(before > 300 && before < 600, `${before}`)
    spool.add(enforcement, kilobyte, 1000)
    await addMany(process, 1000)
    assert.ok(spool.length > before + 100)
    assert.ok(size() <= 1 << 20, `${size()}`)
    assert.equal(sumOf(spool.lost) + spool.length, 2001)
    assert.ok(spool.lost[hook] > 0 && spool.lost[process] > 0)
    assert.equal(spool.lost[enforcement], 0)

    // Room is given back, in memory and on disk.
    spool.remove(spool.length)
    assert.equal(spool.bytes, 0)
    const lost = sumOf(spool.lost)
    add('after')
    assert.deepEqual(await texts(2), [`lost ${lost}`, 'after'])
  })

  it('counts events of files that another program damages while it runs', async () => {
    add('a', 'b', 'c')
    await take(1)
    appendFileSync(lastSegment(), 'garbage')
    writeFileSync(lastSegment(), 'garbage')
    spool.remove(1)
    assert.deepEqual(await spool.peek(all), [])
    assert.deepEqual([spool.lost, spool.length, spool.bytes], [[0, 2, 0], 0, 0])
    assert.match(warnings[0], /changed by another program; 2 or more events are lost/)
  })

  it('works without its folder: events wait in memory, and are sent from there', async () => {
    await spool.close()
    rmSync(folder, { recursive: true, force: true })
    writeFileSync(folder, 'not a folder')
    open()
    add('a', 'b')
    assert.deepEqual(await texts(2), ['a', 'b'])
    assert.match(spool.failure ?? '', /EEXIST|ENOTDIR/)
    spool.remove(1)
    for (let i = 0; i < 2000; i++) spool.add(process, kilobyte, 1000)
    assert.ok(spool.lost[process] > 500)
    rmSync(folder)
    await changes.until(() => warnings.includes('the spool works again'))
    assert.equal(spool.failure, undefined)
  })

  it('creates its folder again if that was removed', async () => {
    add('a')
    await take(1)
    rmSync(folder, { recursive: true })
    await changes.until(() => /were removed; events wait in memory/.test(warnings.join()))
    add('b')
    assert.deepEqual(await texts(2), ['a', 'b'])
    await changes.until(() => warnings.includes('the spool works again'))
    spool.remove(1)
    await afterKill()
    assert.deepEqual(await texts(1), ['b'])
  })

  it('ignores files that are not segments, and reports those that pretend to be', async () => {
    await spool.close()
    mkdirSync(join(folder, '000000000000001.segment'))
    symlinkSync('/etc/passwd', join(folder, '000000000000002.segment'))
    symlinkSync('/dev/zero', join(folder, '000000000000003.segment'))
    writeFileSync(join(folder, '000000000000004.segment'), 'tetspool of another version')
    writeFileSync(join(folder, '000000000000005.segment'), '')
    writeFileSync(join(folder, '999999999999999.segment'), '')
    writeFileSync(join(folder, 'notes.txt'), '')
    open()
    await changes.until(() => warnings.length === 1)
    assert.match(warnings[0], /1\.segment: .*, and 3 more segments; 4 or more events are lost/)
    add('a')
    assert.deepEqual(await texts(2), ['lost 4', 'a'])
    assert.equal(
      segments().some((name) => /00[1-5]\.segment$/.test(name)),
      false,
    )
    assert.ok(existsSync(join(folder, '000000000000004.segment.damaged')))
    // They are counted once.
    await spool.close()
    open()
    assert.deepEqual(await texts(2), ['lost 4', 'a'])
    assert.deepEqual([spool.lost, warnings.length], [[0, 0, 0], 1])
  })

  it('keeps its size and loses nothing while one event is not accepted, whatever arrives', async () => {
    add('stuck')
    for (let i = 0; i < 30; i++) {
      for (let j = 0; j < 100; j++) spool.add(process, kilobyte, 1000)
      // Until nothing is in memory only.
      const taken = await take(spool.length)
      assert.equal(textOf(taken[0]), 'stuck')
      spool.remove(taken.length, [taken[0]])
      assert.ok(size() <= 1 << 20, `${size()}`)
    }
    assert.deepEqual([spool.length, spool.lost], [1, [0, 0, 0]])
    // Its own segment, and the last one.
    assert.ok(spool.bytes <= (2 << 20) / 16, `${spool.bytes}`)
    while (segments().length > 2) await new Promise(setImmediate)
    await afterKill()
    // Acknowledged events of these segments are sent twice.
    await take(1)
    const again = await texts(spool.length)
    assert.equal(again[0], 'stuck')
    assert.ok(again.length > 60 && again.length <= 130, `${again.length}`)
    spool.remove(again.length)
    assert.deepEqual([spool.length, spool.bytes, spool.lost], [0, 0, [0, 0, 0]])
  })

  it('keeps its size while an event in each segment is not accepted', async () => {
    let stuck: QueuedEvent[] = []
    while (sumOf(spool.lost) < 500) {
      add(`stuck ${stuck.length}`)
      for (let j = 0; j < 100; j++) spool.add(process, kilobyte, 1000)
      const taken = await take(spool.length)
      stuck = taken.filter((each) => textOf(each).startsWith('stuck'))
      spool.remove(taken.length, stuck)
      assert.ok(size() <= 1 << 20, `${size()}`)
    }
    assert.equal(spool.length, stuck.length)
    assert.deepEqual((await take(stuck.length)).map(textOf), stuck.map(textOf))
    spool.remove(stuck.length)
    assert.deepEqual([spool.length, spool.bytes], [0, 0])
    while (segments().length > 1) await new Promise(setImmediate)
  })

  it('loses nothing by damage in its acknowledged part', async () => {
    add('a', 'b', 'c')
    await take(3)
    spool.remove(2)
    await spool.close()
    const content = readFileSync(lastSegment())
    content[20 + 17] ^= 1
    writeFileSync(lastSegment(), content)
    open()
    assert.deepEqual(await texts(1), ['c'])
    assert.deepEqual([spool.length, spool.lost, warnings], [1, [0, 0, 0], []])
  })

  it('counts an event that is longer than a segment as lost, and keeps its size', async () => {
    const segment = (1 << 20) / 16
    const longest = segment - 20 - 17
    spool.add(process, Buffer.alloc(longest + 1, 'x'), 1000)
    assert.deepEqual([spool.lost, spool.length], [[0, 1, 0], 0])
    for (let i = 0; i < 10; i++) {
      spool.add(process, Buffer.alloc(longest, 'y'), 1000)
      for (let j = 0; j < 40; j++) spool.add(process, kilobyte, 1000)
    }
    await take(spool.length)
    for (const name of segments()) assert.ok(statSync(join(folder, name)).size <= segment, name)
    assert.ok(size() <= 1 << 20)
  })

  it('closes files of segments that are neither written nor read', async () => {
    const opened = () => {
      const targets = readdirSync('/proc/self/fd').map((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`)
        } catch {
          return ''
        }
      })
      return targets.filter((path) => path.startsWith(folder) && path.endsWith('.segment'))
    }
    for (let i = 0; i < 400; i++) spool.add(process, kilobyte, 1000)
    const waiting = spool.length
    await take(1)
    while (size() < waiting * 1000) await new Promise(setImmediate)
    assert.ok(segments().length > 5)
    while (opened().length > 1) await new Promise(setImmediate)
    await take(waiting)
    while (opened().length > 1) await new Promise(setImmediate)
  })

  it('knows the age of its first event, also after it was empty', async () => {
    spool.add(process, Buffer.from('old'), 1000)
    await take(1)
    spool.remove(1)
    spool.add(process, Buffer.from('new'), 9000)
    while (!/new$/.test(readFileSync(lastSegment(), 'latin1'))) await new Promise(setImmediate)
    while (spool.oldest === undefined) await new Promise(setImmediate)
    assert.equal(spool.oldest, 9000)
  })

  it('counts what it cannot write at the end, and no report of it', async () => {
    await spool.close()
    rmSync(folder, { recursive: true, force: true })
    writeFileSync(folder, 'not a folder')
    open()
    for (let i = 0; i < 2000; i++) spool.add(process, kilobyte, 1000)
    await spool.close()
    assert.deepEqual(spool.lost, [0, 2000, 0])
  })

  it('survives any content of its files', async () => {
    add(...Array(20).keys())
    await take(20)
    spool.remove(7)
    await spool.close()
    const endOf = (number: number) => 20 + 18 * (number + 1) + Math.max(0, number - 9)
    const names = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile())
    const original = new Map(names.map((name) => [name, readFileSync(join(folder, name))]))
    const sent = new Set(Array.from({ length: 20 }, (_, index) => String(index)))
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.nat(),
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        async (name, at, bytes) => {
          for (const [each, content] of original) writeFileSync(join(folder, each), content)
          const content = Buffer.from(original.get(name) as Buffer)
          content.set(bytes.subarray(0, content.length), at % Math.max(1, content.length - 40))
          writeFileSync(join(folder, name), content)
          // Where the head, or an event that is not acknowledged, is damaged.
          const damagedAt = !name.endsWith('.segment')
            ? -1
            : content.findIndex((byte, index) => {
                const matters = index < 20 || index >= endOf(6)
                return matters && byte !== original.get(name)?.[index]
              })
          open()
          add('new')
          const found = await take(all.events, (taken) =>
            taken.some((each) => textOf(each) === 'new'),
          )
          for (const text of found.map(textOf)) {
            assert.ok(sent.has(text) || /^new$|^lost 1$/.test(text), text)
          }
          for (let number = 7; number < 20; number++) {
            const isWhole = damagedAt < 0 || endOf(number) <= damagedAt
            assert.equal(found.some((each) => textOf(each) === String(number)) || !isWhole, true)
          }
          assert.equal(spool.lost[process], damagedAt < 0 ? 0 : 1)
          await spool.close()
          for (const each of segments()) rmSync(join(folder, each))
        },
      ),
      { numRuns: 60 },
    )
  })
})

function textOf({ line }: QueuedEvent): string {
  return line.toString().slice(0, 12)
}

/** The head of a segment without events. */
function head(number: number): Buffer {
  const bytes = Buffer.alloc(20)
  bytes.write('tetspool')
  bytes.writeUInt32LE(1, 8)
  bytes.writeBigUInt64LE(BigInt(number), 12)
  return bytes
}
