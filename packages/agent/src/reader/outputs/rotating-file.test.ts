import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sumOf } from '@tetragon-ts/outputs/queue'
import fc from 'fast-check'
import { hookLines } from '../testing/hook-lines.ts'
import type { LineRange } from './line-queue.ts'
import { RotatingFile } from './rotating-file.ts'

/** Longer than the agent takes to notice that the file was moved. */
const noticedMs = 120

describe('a rotating file', () => {
  let folder: string
  let path: string
  let warnings: string[]
  let rotations: number
  const open = async (maxSize = 1000, interval = 0): Promise<RotatingFile> => {
    const observer = {
      rotated: () => rotations++,
      warn: (message: string) => warnings.push(message),
    }
    const file = new RotatingFile(path, 0o640, { maxSize, interval }, observer)
    await file.open()
    return file
  }
  const rangeOf = (lines: readonly string[]): LineRange => {
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
    return { bytes, from: 0, to: bytes.length, runs: hookLines(bytes.length, lines.length) }
  }
  const write = async (file: RotatingFile, ...lines: string[]): Promise<void> => {
    await file.append([rangeOf(lines)])
  }
  const text = (name = path): string => readFileSync(name, 'utf8')
  const backups = (): string[] =>
    readdirSync(folder)
      .filter((name) => name.startsWith('events.log-'))
      .sort()

  beforeEach(() => {
    folder = mkdtempSync('/dev/shm/tetragon-sink-')
    path = join(folder, 'events.log.json')
    warnings = []
    rotations = 0
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('is rotated when a line does not fit', async () => {
    const file = await open(10)
    await write(file, 'aaaa', 'bbbb')
    assert.equal(rotations, 0)
    await write(file, 'cccc')
    assert.equal(text(), 'cccc\n')
    const [backup] = backups()
    assert.match(backup, /^events\.log-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}\.json$/)
    assert.equal(text(join(folder, backup)), 'aaaa\nbbbb\n')
    assert.equal(rotations, 1)
    file.close()
  })

  it('loses no line, splits none and never grows beyond its limit', async () => {
    const batches = fc.array(
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 }),
    )
    const maxSizes = fc.integer({ min: 1, max: 600 })
    let nextLine = 0
    await fc.assert(
      fc.asyncProperty(batches, maxSizes, fc.nat(8), async (sizes, maxSize, cut) => {
        const file = await open(maxSize)
        const written: string[] = []
        for (const batch of sizes) {
          const lines = batch.map((size) => `${nextLine++}`.padEnd(size, '.'))
          written.push(...lines)
          const ranges = [lines.slice(0, cut), lines.slice(cut)].filter(({ length }) => length > 0)
          await file.append(ranges.map(rangeOf))
        }
        assert.deepEqual([file.writtenEvents, sumOf(file.lostEvents)], [written.length, 0])
        file.close()
        const all = [...backups().map((name) => join(folder, name)), path]
        const found = all.map((name) => text(name))
        for (const content of found) {
          assert.ok(content === '' || content.endsWith('\n'))
          assert.ok(content.length <= maxSize || content.indexOf('\n') === content.length - 1)
        }
        assert.equal(found.join(''), written.map((line) => `${line}\n`).join(''))
        for (const name of all) rmSync(name)
      }),
      { numRuns: 60 },
    )
  })

  it('is rotated after a time, with or without events, unless it is empty', async () => {
    const file = await open(1000, 30)
    await sleep(40)
    await file.tend()
    assert.equal(rotations, 0)
    await write(file, 'a')
    assert.equal(rotations, 0)
    await sleep(40)
    assert.ok((await file.tend()) <= 30)
    assert.equal(rotations, 1)
    await write(file, 'b')
    await sleep(40)
    await write(file, 'c')
    assert.deepEqual([backups().length, text()], [2, 'c\n'])
    file.close()
  })

  it('takes other limits', async () => {
    const file = await open(1000)
    await write(file, 'aaaa')
    file.setRotation({ maxSize: 5, interval: 0 })
    await write(file, 'bbbb')
    assert.deepEqual([rotations, text()], [1, 'bbbb\n'])
    file.close()
  })

  it('and its successors have the configured permissions', async () => {
    const file = await open(5)
    await write(file, 'aaaa')
    await write(file, 'bbbb')
    const [backup] = backups()
    for (const name of [path, join(folder, backup)])
      assert.equal(statSync(name).mode & 0o777, 0o640)
    file.close()
  })

  it('that is moved is created again', async () => {
    const file = await open()
    await write(file, 'a')
    renameSync(path, `${path}.1`)
    await sleep(noticedMs)
    await write(file, 'b')
    assert.deepEqual([text(`${path}.1`), text(), sumOf(file.lostEvents)], ['a\n', 'b\n', 0])
    file.close()
  })

  it('is not written if a link or a pipe replaces it', async () => {
    const victim = join(folder, 'victim')
    writeFileSync(victim, 'precious\n')
    const file = await open(5)
    for (const plant of [() => symlinkSync(victim, path), () => spawnSync('mkfifo', [path])]) {
      await write(file, 'aaa')
      rmSync(path)
      plant()
      await sleep(noticedMs)
      await write(file, 'bbb')
      rmSync(path)
      await sleep(noticedMs)
    }
    assert.equal(text(victim), 'precious\n')
    assert.ok(sumOf(file.lostEvents) >= 2)
    assert.match(warnings[0], /^write events: it is a symbolic link/)
    await write(file, 'ccc')
    assert.equal(text(), 'ccc\n')
    file.close()
  })

  it('that is truncated is continued', async () => {
    const file = await open(10)
    await write(file, 'aaaaaaaa')
    truncateSync(path)
    await sleep(noticedMs)
    await write(file, 'bbbb')
    assert.deepEqual([text(), rotations], ['bbbb\n', 0])
    file.close()
  })

  it('that vanishes with its folder is created again, and its lines are counted as lost', async () => {
    const deep = join(folder, 'a', 'b')
    path = join(deep, 'events.json')
    const file = await open()
    await write(file, 'seen')
    await sleep(noticedMs)
    await write(file, 'one', 'two')
    rmSync(join(folder, 'a'), { recursive: true })
    await sleep(noticedMs)
    await write(file, 'three')
    assert.equal(text(), 'three\n')
    assert.deepEqual([file.writtenEvents, sumOf(file.lostEvents)], [2, 2])
    file.close()
  })

  it('counts what it cannot write while the path is unusable', async () => {
    const deep = join(folder, 'a')
    path = join(deep, 'events.json')
    const file = await open()
    rmSync(deep, { recursive: true })
    writeFileSync(deep, 'a file where the folder was')
    await sleep(noticedMs)
    await write(file, 'one', 'two')
    assert.equal(sumOf(file.lostEvents), 2)
    assert.match(warnings[0], /^write events: .*\/a is not a folder/)
    rmSync(deep)
    await sleep(noticedMs)
    await write(file, 'three')
    assert.deepEqual([text(), sumOf(file.lostEvents), warnings.length], ['three\n', 2, 2])
    file.close()
  })

  it('keeps growing when it cannot be rotated', async () => {
    const file = await open(5)
    await write(file, 'aaaa')
    // With the time in it, its name becomes too long.
    path = join(folder, 'x'.repeat(250))
    const other = await open(5)
    await write(other, 'aaaa', 'bbbb', 'cccc')
    await write(other, 'dddd')
    assert.deepEqual([text(), sumOf(other.lostEvents)], ['aaaa\nbbbb\ncccc\ndddd\n', 0])
    assert.equal(warnings.length, 1)
    assert.match(warnings[0], /^rotate export file: ENAMETOOLONG/)
    file.close()
    other.close()
  })

  for (const [what, before, after, lost] of [
    ['an event that was cut off', 'a\n{"process_ex', 'a\n', 1],
    ['the first byte of one', 'a\n{', 'a\n', 1],
    ['something else', 'a\nb', 'a\nb\n', 0],
    ['an event alone', '{"process_exec":{', '', 1],
    ['whole lines', 'a\n', 'a\n', 0],
  ] as const) {
    it(`ends with ${what} when it is opened: lines are whole all the same`, async () => {
      writeFileSync(path, before)
      const file = await open()
      await write(file, 'next')
      assert.deepEqual([text(), sumOf(file.lostEvents)], [`${after}next\n`, lost])
      file.close()
    })
  }

  it('has a partial long line removed', async () => {
    writeFileSync(path, `whole\n{"${'x'.repeat(200_000)}`)
    const file = await open(1e6)
    assert.equal(text(), 'whole\n')
    file.close()
  })

  it('is created with its folder, unless that is impossible', async () => {
    path = join(folder, 'new', 'events.json')
    const file = await open()
    file.close()
    assert.ok(existsSync(path))
    appendFileSync(join(folder, 'file'), '')
    path = join(folder, 'file', 'events.json')
    await assert.rejects(open(), { code: 'AGENT_FILE', message: /file is not a folder/ })
    path = join(folder, 'folder')
    mkdirSync(path)
    await assert.rejects(open(), { code: 'AGENT_FILE', message: /not a regular file/ })
  })
})
