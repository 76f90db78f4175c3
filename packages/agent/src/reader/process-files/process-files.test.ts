import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ProcessFile } from './process-file-question.ts'
import { type ProcessFileAnswer, ProcessFiles } from './process-files.ts'

/** Longer than any answer takes that comes at all. */
const always = 600_000
const start = 12e9

let procfs: string
let files: ProcessFiles
/** Files that hold up who opens them, until the end of the test. */
let pipes: string[]

beforeEach(() => {
  procfs = mkdtempSync(join(tmpdir(), 'tetragon-test-'))
  pipes = []
  files = new ProcessFiles(procfs)
})
afterEach(() => {
  files.close()
  // A thread that waits for a pipe gets its end, and one that opens it later finds none.
  const descriptors = pipes.map((pipe) => openSync(pipe, 'r+'))
  rmSync(procfs, { recursive: true })
  for (const descriptor of descriptors) closeSync(descriptor)
})

/** Makes the folder of a process, with the content of its files. */
function addProcess(pid: number, content: Partial<Record<ProcessFile, string>>): void {
  const folder = join(procfs, String(pid))
  mkdirSync(folder)
  const before = Array.from({ length: 16 }, () => '0').join(' ')
  writeFileSync(join(folder, 'stat'), `${pid} (a b) S ${before} 1 0 ${start / 1e7}\n`)
  for (const [name, text] of Object.entries(content)) writeFileSync(join(folder, name), text)
}

/** Makes a process whose files never open, as if it held the lock of its memory. */
function addHostile(pid: number, file: ProcessFile): void {
  addProcess(pid, {})
  const path = join(procfs, String(pid), file)
  assert.equal(spawnSync('mkfifo', [path]).status, 0)
  pipes.push(path)
}

/** Asks for the mappings of a process. @returns the answer, when it is there */
function ask(pid: number, waitMs: number, since = start): { answer?: string } {
  const result: { answer?: string } = {}
  files.read({ pid, start: since }, 'maps', waitMs, (answer) => {
    result.answer = textOf(answer)
  })
  return result
}

function textOf(answer: ProcessFileAnswer): string {
  return typeof answer === 'string' ? answer : Buffer.from(answer).toString()
}

test('files of processes are read', () => {
  addProcess(1, { maps: 'one', cmdline: 'a\0b' })
  addProcess(2, {})
  assert.equal(ask(1, always).answer, 'one')
  assert.equal(ask(2, always).answer, 'ended')
  assert.equal(ask(1, always, start + 1e9).answer, 'ended')
  assert.equal(Buffer.from(files.readNow({ pid: 1, start }, 'cmdline') ?? []).toString(), 'a\0b')
  assert.equal(files.readNow({ pid: 3, start }, 'cmdline'), undefined)
})

test('a process that holds up its readers is refused, and others get their answers', async () => {
  addProcess(1, { maps: 'one' })
  addHostile(2, 'maps')
  assert.equal(ask(1, always).answer, 'one')
  const hostile = ask(2, 1)
  // Not waited for: an older question is open.
  const other = ask(1, always)
  assert.deepEqual([hostile.answer, other.answer], [undefined, undefined])
  while (other.answer === undefined) {
    await sleep(10)
    files.receive()
  }
  assert.deepEqual([hostile.answer, other.answer], ['refused', 'one'])
})

test('processes that hold up all threads do not hold up the reader', async () => {
  addProcess(1, { cmdline: 'one' })
  const hostile = [2, 3, 4, 5, 6]
  for (const pid of hostile) addHostile(pid, 'cmdline')
  for (const pid of hostile) {
    assert.equal(files.readNow({ pid, start }, 'cmdline'), undefined)
    if (pid === hostile.at(-1)) break
    // Another thread answers.
    while (files.readNow({ pid: 1, start }, 'cmdline') === undefined) await sleep(1)
  }
  // No thread is left: this returns without an answer.
  assert.equal(files.readNow({ pid: 1, start }, 'cmdline'), undefined)
  for (const pipe of pipes) closeSync(openSync(pipe, 'r+'))
  while (files.readNow({ pid: 1, start }, 'cmdline') === undefined) await sleep(10)
})
