import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { eventClass, sumOf } from '../queue/event-class.ts'
import { Changes } from '../testing/changes.ts'
import { Spool } from './spool.ts'

// Mounts a small file system in memory for each test.

const line = Buffer.alloc(1000, 'x')

describe('a spool on a disk that fails', () => {
  let disk: string
  let spool: Spool
  const warnings: string[] = []
  const changes = new Changes()

  const mount = (...args: readonly string[]): void => {
    assert.equal(spawnSync('mount', [...args, disk]).status, 0)
  }
  const add = (count: number): void => {
    for (let i = 0; i < count; i++) spool.add(eventClass.process, line, 1000)
  }
  /** Sends until a number of events has arrived. */
  const send = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; ) {
      await spool.filled(new AbortController().signal)
      const { length } = await spool.peek({ events: Math.min(100, count - sent), bytes: Infinity })
      spool.remove(length)
      sent += length
      await new Promise(setImmediate)
    }
  }

  beforeEach(async () => {
    disk = mkdtempSync(join(tmpdir(), 'spool-disk-'))
    mount('-t', 'tmpfs', '-o', 'size=256k', 'tiny')
    warnings.length = 0
    spool = new Spool({
      folder: join(disk, 'out'),
      limit: 4 << 20,
      memory: 1 << 20,
      report: (lost) => Buffer.from(`lost ${lost}`),
      warn: (message) => {
        warnings.push(message)
        changes.note()
      },
    })
    add(1)
    await send(1)
  })
  afterEach(async () => {
    await spool.close()
    spawnSync('umount', [disk])
    rmSync(disk, { recursive: true, force: true })
  })

  it('loses nothing that the receiver takes while it is full', async () => {
    add(500)
    await changes.until(() => warnings.length > 0)
    assert.match(warnings[0], /the spool fails: ENOSPC.*; events wait in memory/)
    await send(500)
    assert.deepEqual([sumOf(spool.lost), spool.length, spool.bytes], [0, 0, 0])
    add(1)
    await changes.until(() => warnings.includes('the spool works again'))
    await send(1)
  })

  it('counts what does not fit into memory', async () => {
    add(3000)
    await changes.until(() => warnings.length > 0)
    assert.equal(sumOf(spool.lost) + spool.length, 3000)
    assert.ok(sumOf(spool.lost) > 1000)
  })

  it('works when it becomes read-only', async () => {
    // A file that is open for writing would keep it from that.
    await spool.close()
    mount('-o', 'remount,ro')
    spool = new Spool({
      folder: join(disk, 'new'),
      limit: 4 << 20,
      memory: 1 << 20,
      report: () => line,
      warn: (message) => void warnings.push(message),
    })
    add(10)
    await send(10)
    assert.match(warnings[0], /the spool fails: EROFS/)
    assert.equal(sumOf(spool.lost), 0)
  })
})
