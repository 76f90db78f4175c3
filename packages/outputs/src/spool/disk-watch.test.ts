import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { eventClass } from '../queue/event-class.ts'
import type { QueuedEvent } from '../queue/event-store.ts'
import { Changes } from '../testing/changes.ts'
import { HeldTimers } from '../testing/held-timers.ts'
import { Spool, type SpoolOptions } from './spool.ts'

const { process } = eventClass
const never = new AbortController().signal
/** Lengths of the timers of a spool. */
const patience = 5000
const flushMs = 1000
const endMs = 50

describe('a spool on a disk that does not respond', () => {
  let folder: string
  let spool: Spool
  let warnings: string[]
  let files: FileHandle
  /** Ends the operations that hang. */
  let release: () => void
  let timers: HeldTimers
  /** How many operations have hung. */
  let hanging: number
  const changes = new Changes()

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'spool-hang-'))
    const file = await open('/dev/null')
    files = Object.getPrototypeOf(file)
    await file.close()
    warnings = []
    hanging = 0
    release = () => {}
    timers = new HeldTimers(patience, flushMs, endMs)
  })
  afterEach(async () => {
    release()
    timers[Symbol.dispose]()
    mock.restoreAll()
    await spool.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function start(options: Partial<SpoolOptions> = {}): void {
    spool = new Spool({
      ...{ folder, limit: 1 << 20, memory: 1 << 20, patience },
      report: (lost) => Buffer.from(`lost ${lost}`),
      warn: (message) => {
        warnings.push(message)
        changes.note()
      },
      ...options,
    })
  }

  /** Lets operations hang until they are released, also those of position files. */
  function hang(operation: 'write' | 'read' | 'datasync'): void {
    const original = files[operation] as (...args: unknown[]) => Promise<unknown>
    let resolve = (): void => {}
    const released = new Promise<void>((fulfil) => {
      resolve = fulfil
    })
    const mocked = mock.method(
      files,
      operation,
      async function (this: FileHandle, ...args: unknown[]) {
        hanging++
        changes.note()
        await released
        return original.apply(this, args)
      },
    )
    release = () => {
      mocked.mock.restore()
      resolve()
    }
  }

  /** Waits until an operation hangs, and then until the spool has lost its patience. */
  async function hangTooLong(): Promise<void> {
    await changes.until(() => hanging > 0)
    timers.end(patience)
    assert.equal(spool.failure, 'the disk does not respond')
  }

  function add(...texts: readonly string[]): void {
    for (const text of texts) spool.add(process, Buffer.from(text), 1000)
  }

  async function take(count: number): Promise<string[]> {
    for (;;) {
      await spool.filled(never)
      const taken: readonly QueuedEvent[] = await spool.peek({ events: count, bytes: Infinity })
      if (taken.length >= count) return taken.map(({ line }) => line.toString())
      await new Promise(setImmediate)
    }
  }

  /** Sends the first event of a spool: nothing is on its way to the disk afterwards. */
  async function send(): Promise<void> {
    await take(1)
    spool.remove(1)
    while (statSync(join(folder, 'position')).size === 0) await new Promise(setImmediate)
  }

  it('sends from memory while a write hangs, and writes again afterwards', async () => {
    start()
    add('a')
    await send()
    hang('write')
    add('b', 'c')
    await hangTooLong()
    assert.match(warnings.join(), /does not respond; events wait in memory/)
    assert.deepEqual(await take(2), ['b', 'c'])
    spool.remove(2)
    release()
    await changes.until(() => warnings.includes('the spool works again'))
    add('d')
    // b and c were sent from memory: they are not sent again.
    assert.deepEqual(await take(1), ['d'])
    assert.deepEqual([spool.length, spool.bytes, spool.lost], [1, 1 + 17, [0, 0, 0]])
  })

  it('sends from memory while a read hangs, and what was read later behind it', async () => {
    start()
    add('first')
    await send()
    hang('read')
    add('a')
    await spool.filled(never)
    const nothing = spool.peek({ events: 10, bytes: Infinity })
    await hangTooLong()
    assert.deepEqual(await nothing, [])
    add('b')
    assert.deepEqual(await take(1), ['b'])
    release()
    assert.deepEqual(await take(2), ['b', 'a'])
    spool.remove(2)
    assert.deepEqual([spool.length, spool.bytes], [0, 0])
  })

  it('reports a flush that hangs', async () => {
    start()
    hang('datasync')
    add('a')
    await send()
    timers.end(flushMs)
    await hangTooLong()
    add('b')
    assert.deepEqual(await take(1), ['b'])
  })

  it('ends in time, and counts what is not on disk', async () => {
    start({ closeMs: endMs })
    add('a')
    await take(1)
    hang('write')
    add('b', 'c')
    const closed = spool.close()
    timers.end(endMs)
    await closed
    assert.deepEqual(spool.lost, [0, 2, 0])
  })

  it('ends in time if only the position cannot be written', async () => {
    start({ closeMs: endMs })
    add('a')
    await take(1)
    hang('write')
    spool.remove(1)
    const closed = spool.close()
    timers.end(endMs)
    await closed
    assert.deepEqual(spool.lost, [0, 0, 0])
  })

  it('flushes what was on its way during the flush before', async () => {
    start()
    add('a')
    await send()
    let flushes = 0
    const { datasync } = files
    mock.method(files, 'datasync', async function (this: FileHandle) {
      await datasync.apply(this)
      flushes++
      changes.note()
    })
    hang('write')
    add('b')
    await changes.until(() => hanging > 0)
    timers.end(flushMs)
    await changes.until(() => flushes === 1)
    release()
    await take(1)
    timers.end(flushMs)
    await changes.until(() => flushes === 2)
  })

  it('works again without new events', async () => {
    start()
    add('a')
    await take(1)
    const failing = mock.method(files, 'datasync', async () => {
      throw new Error('EIO')
    })
    timers.end(flushMs)
    await changes.until(() => /the spool fails: EIO/.test(warnings.join()))
    failing.mock.restore()
    await changes.until(() => warnings.includes('the spool works again'))
    assert.equal(spool.failure, undefined)
    assert.deepEqual(await take(1), ['a'])
  })
})
