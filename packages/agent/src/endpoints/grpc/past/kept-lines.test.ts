import assert from 'node:assert/strict'
import {
  appendFileSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { backupName } from '../../../reader/outputs/backup-name.ts'
import { KeptLines } from './kept-lines.ts'

const start = Date.parse('2026-01-31T12:00:00Z')
let folder: string
let path: string
/** Number of rotations. */
let rotations = 0

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tetragon-test-'))
  path = join(folder, 'events.json')
  rotations = 0
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The nth backup, one for each second. */
function backup(n: number): string {
  return backupName(path, new Date(start + n * 1000))
}

function rotate(): void {
  renameSync(path, backup(++rotations))
  writeFileSync(path, '')
}

function compress(n: number): void {
  writeFileSync(`${backup(n)}.gz`, gzipSync(readFileSync(backup(n))))
  rmSync(backup(n))
}

async function linesFrom(lines: KeptLines, since = 0): Promise<string[]> {
  const read: string[] = []
  for await (const chunk of lines.read(since)) read.push(...String(chunk).split('\n').slice(0, -1))
  return read
}

test('the lines of all files, oldest first, also compressed ones; a line without end is not read', async () => {
  writeFileSync(path, 'a\nb\n')
  rotate()
  compress(1)
  appendFileSync(path, 'c\n')
  rotate()
  appendFileSync(path, 'd\ne')
  await using lines = new KeptLines(path)
  assert.equal((await lines.fromOldest().next()).value, 'a')
  assert.deepEqual(await linesFrom(lines), ['a', 'b', 'c', 'd'])
  appendFileSync(path, 'f\n')
  assert.deepEqual(await linesFrom(lines), ['ef'])
})

test('files that were rotated before are not read', async () => {
  writeFileSync(path, 'a\n')
  rotate()
  appendFileSync(path, 'b\n')
  rotate()
  appendFileSync(path, 'c\n')
  await using lines = new KeptLines(path)
  assert.deepEqual(await linesFrom(lines, start + 1500), ['b', 'c'])
  const all: string[] = []
  for await (const line of lines.fromOldest()) all.push(line)
  assert.deepEqual(all, ['a', 'b', 'c'])
})

test('every line once, whenever the file is rotated and backups are compressed', async () => {
  const step = fc.constantFrom('line', 'line', 'rotate', 'compress', 'read')
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      rmSync(folder, { recursive: true })
      folder = mkdtempSync(join(tmpdir(), 'tetragon-test-'))
      path = join(folder, 'events.json')
      rotations = 0
      let compressed = 0
      let written = 0
      writeFileSync(path, '')
      await using lines = new KeptLines(path)
      const read: string[] = []
      for (const each of [...steps, 'read']) {
        if (each === 'line') appendFileSync(path, `${written++}\n`)
        else if (each === 'rotate') rotate()
        else if (each === 'compress' && compressed < rotations) compress(++compressed)
        else if (each === 'read') read.push(...(await linesFrom(lines)))
      }
      assert.deepEqual(
        read,
        Array.from({ length: written }, (_, i) => String(i)),
      )
    }),
    { numRuns: 60 },
  )
})

const skip = process.getuid?.() !== 0 && 'needs root'

test('files of other users have no lines, whatever their names are', { skip }, async () => {
  writeFileSync(path, 'own\n')
  for (const planted of [backup(1), `${backup(2)}.gz`]) {
    writeFileSync(planted, planted.endsWith('.gz') ? gzipSync('forged\n') : 'forged\n')
    chownSync(planted, 65534, 65534)
  }
  await using lines = new KeptLines(path)
  assert.equal((await lines.fromOldest().next()).value, 'own')
  assert.deepEqual(await linesFrom(lines), ['own'])
  // Nor is one of them taken for the file that was read so far.
  renameSync(path, backup(4))
  writeFileSync(path, 'next\n')
  writeFileSync(backup(3), 'forged\n')
  chownSync(backup(3), 65534, 65534)
  assert.deepEqual(await linesFrom(lines), ['next'])
})

test('links and missing files have no lines; a compressed file that is cut off has its first', async () => {
  const secret = join(folder, 'secret')
  writeFileSync(secret, 'secret\n')
  symlinkSync(secret, path)
  await using linked = new KeptLines(path)
  assert.deepEqual(await linesFrom(linked), [])
  assert.equal((await linked.fromOldest().next()).done, true)
  await using missing = new KeptLines(join(folder, 'none', 'x.json'))
  assert.deepEqual(await linesFrom(missing), [])
  rmSync(path)
  writeFileSync(path, 'new\n')
  const text = Array.from({ length: 20_000 }, () => `${Math.random()}\n`).join('')
  writeFileSync(`${backup(1)}.gz`, gzipSync(text).subarray(0, 50_000))
  await using cut = new KeptLines(path)
  const read = await linesFrom(cut)
  assert.ok(read.length > 1000)
  assert.equal(read.at(-1), 'new')
})
