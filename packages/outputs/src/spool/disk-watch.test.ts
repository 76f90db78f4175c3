import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { eventClass } from '../queue/event-class.ts'
import type { QueuedEvent } from '../queue/event-store.ts'
import { Changes } from '../testing/changes.ts'
import { Spool, type SpoolOptions } from './spool.ts'

const { process } = eventClass
const never = new AbortController().signal

describe('a spool on a disk that does not respond', () => {
  let folder: string
  let spool: Spool
  let warnings: string[]
  let files: FileHandle
  /** Ends the operations that hang. */
  let release: () => void
  const changes = new Changes()

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'spool-hang-'))
    const file = await open('/dev/null')
    files = Object.getPrototypeOf(file)
    await file.close()
    warnings = []
  })
  afterEach(async () => {
    release()
    mock.restoreAll()
    await spool.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function start(options: Partial<SpoolOptions> = {}): void {
    spool = new Spool({
      ...{ folder, limit: 1 << 20, memory: 1 << 20, patience: 500 },
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
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    mock.method(files, operation, async function (this: FileHandle, ...args: unknown[]) {
      await released
      return original.apply(this, args)
    })
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

  it('sends from memory while a write hangs, and writes again afterwards', async () => {
    start()
    add('a')
    assert.deepEqual(await take(1), ['a'])
    spool.remove(1)
    hang('write')
    add('b', 'c')
    await changes.until(() => /does not respond; events wait in memory/.test(warnings.join()))
    assert.deepEqual(await take(2), ['b', 'c'])
    assert.equal(spool.failure, 'the disk does not respond')
    spool.remove(2)
    release()
    mock.restoreAll()
    await changes.until(() => warnings.includes('the spool works again'))
    add('d')
    // b and c were sent from memory: they are not sent again.
    assert.deepEqual(await take(1), ['d'])
    assert.deepEqual([spool.length, spool.bytes, spool.lost], [1, 1 + 17, [0, 0, 0]])
  })

  it('sends from memory while a read hangs, and what was read later behind it', async () => {
    start()
    add('first')
    await take(1)
    spool.remove(1)
    hang('read')
    add('a')
    // Nothing can be sent yet.
    while (spool.failure === undefined) {
      assert.deepEqual(await spool.peek({ events: 10, bytes: Infinity }), [])
      await new Promise(setImmediate)
    }
    assert.equal(spool.failure, 'the disk does not respond')
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
    await changes.until(() => warnings.length > 0)
    assert.match(warnings[0], /the disk does not respond/)
    add('b')
    assert.deepEqual(await take(1), ['b'])
  })

  it('ends in time, and counts what is not on disk', async () => {
    start({ closeMs: 50, patience: 10_000 })
    add('a')
    await take(1)
    hang('write')
    add('b', 'c')
    await spool.close()
    assert.deepEqual(spool.lost, [0, 2, 0])
  })

  it('ends in time if only the position cannot be written', async () => {
    start({ closeMs: 50, patience: 10_000 })
    add('a')
    await take(1)
    hang('write')
    spool.remove(1)
    await spool.close()
    assert.deepEqual(spool.lost, [0, 0, 0])
  })

  it('flushes what was on its way during the flush before', async () => {
    start({ patience: 60_000 })
    add('a')
    await take(1)
    let flushes = 0
    const { datasync } = files
    mock.method(files, 'datasync', async function (this: FileHandle) {
      await datasync.apply(this)
      flushes++
      changes.note()
    })
    hang('write')
    add('b')
    await changes.until(() => flushes === 1)
    release()
    await changes.until(() => flushes === 2)
  })

  it('works again without new events', async () => {
    release = () => {}
    start()
    add('a')
    mock.method(files, 'datasync', async () => {
      throw new Error('EIO')
    })
    await changes.until(() => /the spool fails: EIO/.test(warnings.join()))
    mock.restoreAll()
    await changes.until(() => warnings.includes('the spool works again'))
    assert.equal(spool.failure, undefined)
    assert.deepEqual(await take(1), ['a'])
  })
})
