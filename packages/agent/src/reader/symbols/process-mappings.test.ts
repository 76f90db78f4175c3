import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProcessMappings } from './process-mappings.ts'

const start = 12e9
const line = '1000-2000 r-xp 00000000 fd:00 12 /bin/a\n'

let procfs: string
/** Files that hold up who opens them, until the end of the test. */
let pipes: string[]

beforeEach(() => {
  procfs = mkdtempSync(join(tmpdir(), 'tetragon-test-'))
  pipes = []
  addProcess(1, 'host')
})
afterEach(() => {
  // A thread that waits for a pipe gets its end, and one that opens it later finds none.
  const descriptors = pipes.map((pipe) => openSync(pipe, 'r+'))
  rmSync(procfs, { recursive: true })
  for (const descriptor of descriptors) closeSync(descriptor)
})

/** Makes the folder of a process, without mappings. */
function addProcess(pid: number, origin: 'host' | 'container'): string {
  const folder = join(procfs, String(pid))
  mkdirSync(join(folder, 'ns'), { recursive: true })
  const zeros = Array.from({ length: 16 }, () => '0').join(' ')
  writeFileSync(join(folder, 'stat'), `${pid} (a) S ${zeros} 1 0 ${start / 1e7}\n`)
  for (const name of ['user', 'pid']) {
    const path = join(folder, 'ns', name)
    if (origin === 'host' && pid !== 1) linkSync(join(procfs, '1', 'ns', name), path)
    else writeFileSync(path, '')
  }
  return folder
}

/** Makes a process of a container that holds the lock of its memory. */
function addHostile(pid: number): void {
  const path = join(addProcess(pid, 'container'), 'maps')
  assert.equal(spawnSync('mkfifo', [path]).status, 0)
  pipes.push(path)
}

function pathOf(mappings: ProcessMappings, pid: number): string | undefined {
  const image = { pid, start, execs: 1 }
  return mappings.find(image, [0x1000], performance.now())[0]?.path
}

test('processes of containers that hold up their readers do not end the mappings of the host', async () => {
  const hostile = [11, 12, 13, 14, 15, 16]
  for (const pid of hostile) addHostile(pid)
  writeFileSync(join(addProcess(2, 'host'), 'maps'), line)
  const mappings = new ProcessMappings(procfs)
  for (const pid of hostile) assert.equal(pathOf(mappings, pid), undefined)
  assert.ok(mappings.skipped >= hostile.length)
  // The time budget of this second may be spent, and the thread may still start.
  while (pathOf(mappings, 2) === undefined) await sleep(10)
})

test('a process that holds up its readers is not asked again', async () => {
  addHostile(11)
  writeFileSync(join(addProcess(12, 'container'), 'maps'), line)
  const mappings = new ProcessMappings(procfs)
  assert.equal(pathOf(mappings, 11), undefined)
  while (pathOf(mappings, 12) === undefined) await sleep(10)
  const { skipped } = mappings
  for (let i = 1; i <= 3; i++) {
    assert.equal(pathOf(mappings, 11), undefined)
    assert.equal(mappings.skipped, skipped + i)
  }
})
