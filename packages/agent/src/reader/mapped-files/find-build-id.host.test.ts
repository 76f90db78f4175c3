import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ElfFile } from '@tetragon-ts/ebpf/elf'
import { type BuildIdQuestion, findBuildId as find } from './find-build-id.ts'
import type { FileMapping } from './mapped-file.ts'
import { deviceName } from './waiting-mounts.ts'

const findBuildId = (question: BuildIdQuestion): Uint8Array | undefined => find('/proc', question)

let folder: string
before(() => {
  folder = mkdtempSync('/dev/shm/tetragon-test-')
})
after(() => rmSync(folder, { recursive: true }))

const buildIdOf = (path: string): Uint8Array | undefined => {
  using file = ElfFile.open(path)
  return file.buildId
}

/** The question about a mapping in /proc/PID/maps. */
function questionOf(pid: number, path: string): BuildIdQuestion {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')
  const [range, , , device, inode] = (maps.find((line) => line.endsWith(path)) ?? '').split(/ +/)
  const mapping = { pid, range, device, inode, path }
  return { id: 1, mapping, mappedAt: Date.now() }
}

/** The question about a file that nothing maps any more. */
function goneQuestion(path: string, mappedAt: number): BuildIdQuestion {
  const { dev, ino } = statSync(path, { bigint: true })
  const device = deviceName(Number((dev >> 8n) & 0xfffn), Number(dev & 0xffn))
  const mapping = { pid: process.pid, range: '0-1', device, inode: `${ino}`, path }
  return { id: 1, mapping, mappedAt }
}

function copy(name: string, from = '/bin/sleep'): string {
  const path = join(folder, name)
  copyFileSync(from, path)
  return path
}

/** Runs a copy of `sleep` while something is done with the question about its mapping. */
async function whileMapped(path: string, act: (question: BuildIdQuestion) => void): Promise<void> {
  const child = spawn(path, ['1000'], { stdio: 'ignore' })
  const pid = child.pid ?? 0
  const ended = new Promise((resolve) => child.once('close', resolve))
  try {
    while (!readFileSync(`/proc/${pid}/maps`, 'utf8').includes(path)) await sleep(1)
    act(questionOf(pid, path))
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}

test('through a mapping, also of a file that was deleted or replaced', async () => {
  const path = copy('mapped')
  const id = buildIdOf(path)
  await whileMapped(path, (question) => {
    assert.deepEqual(findBuildId(question), id)
    renameSync(copy('other', '/bin/true'), path)
    assert.deepEqual(findBuildId(question), id)
  })
})

test('at the path, if the file is unchanged', () => {
  const path = copy('at-path')
  const ctimeMs = Number(statSync(path, { bigint: true }).ctimeMs)
  const question = goneQuestion(path, ctimeMs + 1000)
  const find = (change: Partial<FileMapping>, mappedAt = question.mappedAt) =>
    findBuildId({ ...question, mapping: { ...question.mapping, ...change }, mappedAt })
  assert.deepEqual(find({}), buildIdOf(path))
  assert.equal(find({ inode: `${question.mapping.inode}1` }), undefined)
  assert.equal(find({ device: '4d:00' }), undefined)
  // It may have been changed after it was mapped.
  assert.equal(find({}, ctimeMs), undefined)
  // The pid is gone: the host's root has the file.
  assert.deepEqual(find({ pid: 2 ** 30 }), buildIdOf(path))
  // The kernel has resolved the links of a mapped path.
  const link = join(folder, 'link')
  symlinkSync(path, link)
  assert.equal(find({ path: link }), undefined)
})

test('not of files without one, and of nothing else', async () => {
  const path = join(folder, 'text')
  writeFileSync(path, 'no ELF file')
  const question = goneQuestion(path, Date.now() + 1000)
  assert.equal(findBuildId(question), undefined)
  assert.equal(findBuildId(goneQuestion('/dev/null', Date.now() + 1000)), undefined)
  const mapping = { ...question.mapping, path: 'relative' }
  assert.equal(findBuildId({ ...question, mapping }), undefined)
})
