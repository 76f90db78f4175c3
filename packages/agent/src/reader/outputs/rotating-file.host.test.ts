import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { sumOf } from '@tetragon-ts/outputs/queue'
import { FuseFile, makeTestFolder } from '../../testing/index.ts'
import { hookLines } from '../testing/hook-lines.ts'
import type { LineRange } from './line-queue.ts'
import { RotatingFile } from './rotating-file.ts'

/** A range of equal lines; the first is preceded by bytes of no line, as in a reused buffer. */
function linesOf(letter: string, length: number, lines: number): LineRange {
  const text = `${letter.repeat(length - 1)}\n`.repeat(lines)
  const bytes = Buffer.from(`rest of a line${text}`)
  return {
    bytes,
    from: bytes.length - text.length,
    to: bytes.length,
    runs: hookLines(bytes.length, lines),
  }
}

describe('a rotating file on a full disk', () => {
  it('has the whole lines that fit of several buffers, and counts the others', async () => {
    const disk = join(makeTestFolder(), 'disk')
    mkdirSync(disk)
    assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tiny', disk]).status, 0)
    const path = join(disk, 'log', 'events.json')
    const observer = { rotated: () => {}, warn: () => {} }
    const file = new RotatingFile(path, 0o600, { maxSize: 1 << 20, interval: 0 }, observer)
    try {
      await file.open()
      const lost = await file.append([
        linesOf('a', 1000, 20),
        linesOf('b', 999, 30),
        linesOf('c', 998, 40),
        linesOf('d', 997, 1),
      ])
      const found = readFileSync(path, 'utf8')
      const lines = found.split('\n').slice(0, -1)
      assert.equal(found, lines.map((line) => `${line}\n`).join(''))
      assert.deepEqual(
        lines.map((line) => line.length),
        lines.map((_, i) => (i < 20 ? 999 : i < 50 ? 998 : 997)),
      )
      assert.ok(lines.length > 50)
      assert.deepEqual([file.writtenEvents, lost], [lines.length, 91 - lines.length])
      assert.deepEqual([file.writtenBytes, sumOf(file.lostEvents)], [found.length, lost])
    } finally {
      file.close()
      spawnSync('umount', ['-l', disk])
      rmSync(join(disk, '..'), { recursive: true, force: true })
    }
  })
})

describe('a rotating file whose file system dies', () => {
  it('is written again when there is another file system, also if nothing was written', async () => {
    const folder = makeTestFolder()
    const path = join(folder, 'events.json')
    const mounted = await FuseFile.mount(path)
    const warnings: string[] = []
    const observer = { rotated: () => {}, warn: (text: string) => warnings.push(text) }
    const file = new RotatingFile(path, 0o600, { maxSize: 1 << 20, interval: 0 }, observer)
    try {
      await file.open()
      assert.equal(await file.append([linesOf('a', 10, 2)]), 0)
      assert.equal(readFileSync(path, 'utf8'), 'aaaaaaaaa\n'.repeat(2))
      await mounted.kill()
      assert.throws(() => readFileSync(path), { code: 'ENOTCONN' })
      await file.tend()
      assert.equal(await file.append([linesOf('b', 10, 3)]), 3)
      mounted.unmount()
      while ((await file.append([linesOf('c', 10, 1)])) > 0) await file.tend()
      assert.match(readFileSync(path, 'utf8'), /^(c{9}\n)+$/)
      assert.match(warnings[0], /^write events: .*; events are lost until writing succeeds$/)
      assert.match(warnings[1], /^write events: succeeded again/)
      assert.equal(warnings.length, 2)
    } finally {
      file.close()
      await mounted.kill()
      mounted.unmount()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
