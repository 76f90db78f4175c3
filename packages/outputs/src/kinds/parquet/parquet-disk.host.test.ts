import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { sumOf } from '../../queue/event-class.ts'
import { alertLine } from '../../testing/lines.ts'
import { TestOutput } from '../../testing/test-outputs.ts'
import { until } from '../../testing/until.ts'
import { rowsOf } from './testing/parquet-rows.ts'

// Mounts a small file system in memory for each test.

const tick = () => new Promise(setImmediate)

describe('Parquet files on a disk that fails', () => {
  let disk: string
  let output: TestOutput
  let added = 0

  const mount = (...args: readonly string[]): void => {
    assert.equal(spawnSync('mount', [...args, disk]).status, 0)
  }
  /** Adds events that cannot be compressed. */
  const add = (count: number): void => {
    for (let i = 0; i < count; i++) output.add(alertLine('high', randomBytes(2000).toString('hex')))
    added += count
  }

  beforeEach(async () => {
    added = 0
    disk = mkdtempSync(join(tmpdir(), 'parquet-disk-'))
    mount('-t', 'tmpfs', '-o', 'size=512k', 'tiny')
    const parameters = 'batch-wait=0s&batch-size=100K&file-size=150K&queue=1M'
    output = await TestOutput.open(`parquet://${disk}/events?${parameters}`)
  })
  afterEach(async () => {
    await output.finish(0)
    spawnSync('umount', [disk])
    rmSync(disk, { recursive: true, force: true })
  })

  /** All that was not lost is in the files, once. */
  const check = async (): Promise<void> => {
    await output.finish()
    const { lost, refused, queued } = output.status
    assert.deepEqual([refused, queued], [0, 0])
    const sql = `SELECT count(DISTINCT "function"), count(*) FROM files WHERE kind = 'process_kprobe'`
    const [counts] = await rowsOf(`${disk}/events`, sql)
    const written = added - sumOf(lost)
    assert.deepEqual(counts.map(Number), [written, written])
  }

  it('wait in memory while it is full, then are lost and counted', async () => {
    add(10)
    await until(() => output.status.sent === 10)
    // Beyond what the disk holds, and then the queue.
    await until(() => {
      add(1)
      return output.status.failure !== undefined
    })
    for (let i = 0; i < 100; i++) {
      add(10)
      await tick()
    }
    assert.match(output.status.failure ?? '', /^ENOSPC: no space left on device/)
    const { queuedBytes, lost } = output.status
    assert.ok(queuedBytes <= 1 << 20 && sumOf(lost) > 0, `${queuedBytes} ${sumOf(lost)}`)
    // Complete files can still be read.
    await rowsOf(`${disk}/events`, 'SELECT * FROM files')
    mount('-o', 'remount,size=16m')
    await until(() => output.status.queued === 0)
    await check()
  })

  it('wait in memory while it is read-only', async () => {
    mount('-o', 'remount,ro')
    add(10)
    await until(() => output.status.failure !== undefined)
    assert.match(output.status.failure ?? '', /^EROFS: read-only file system/)
    mount('-o', 'remount,rw')
    await until(() => output.status.queued === 0)
    await check()
  })
})
