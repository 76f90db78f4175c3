import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ElfFile } from '@tetragon-ts/ebpf/elf'
import type { Mapping } from '@tetragon-ts/ebpf/perf-ring'
import { BuildIds } from './build-ids.ts'

let folder: string
let ids: BuildIds
before(() => {
  folder = mkdtempSync('/dev/shm/tetragon-test-')
  // A procfs with processes whose mappings are links to files of the test.
  const procfs = join(folder, 'proc')
  mkdirSync(procfs)
  for (const name of ['self', '1', `${process.pid}`])
    symlinkSync(`/proc/${name}`, join(procfs, name))
  ids = new BuildIds(procfs)
})
after(() => {
  ids.close()
  rmSync(folder, { recursive: true })
})

/** Adds a process that maps this file. */
function addProcess(pid: number, path: string): void {
  const files = join(folder, 'proc', `${pid}`, 'map_files')
  mkdirSync(files, { recursive: true })
  symlinkSync(path, join(files, '0-1'))
}

/** Asks for the build id of a file. */
function ask(pid: number, path: string, inode: bigint, major: number, minor: number) {
  const mapping: Mapping = {
    pid,
    tid: pid,
    time: 0n,
    address: 0n,
    length: 1n,
    path: Buffer.from(path),
    buildId: undefined,
    file: { major, minor, inode },
  }
  const asked = ids.ask(mapping, { major, minor, inode }, Date.now() + 1000)
  ids.send()
  return asked
}

/** Asks for the build id of a file that no process maps any more. */
function askAbout(path: string) {
  const { dev, ino } = statSync(path, { bigint: true })
  return ask(process.pid, path, ino, Number((dev >> 8n) & 0xfffn), Number(dev & 0xffn))
}

/** Mounts a FUSE file system without a server, owned by a user. */
async function mountFuse(point: string, user: number): Promise<AsyncDisposable> {
  mkdirSync(point)
  const options = `fd=3,rootmode=40000,user_id=${user},group_id=0`
  const script = `exec 3<>/dev/fuse; mount -i -t fuse -o ${options} none "$0" && exec sleep 1000`
  // With fsmount(2), mount(8) inspects the file system before it is mounted, and fails.
  const env = { ...process.env, LIBMOUNT_FORCE_MOUNT2: 'always' }
  const holder = spawn('/bin/sh', ['-c', script, point], { stdio: 'ignore', env })
  const ended = new Promise((resolve) => holder.once('close', resolve))
  while (!readFileSync('/proc/mounts', 'utf8').includes(point)) {
    assert.equal(holder.exitCode, null, 'mount FUSE')
    await sleep(5)
  }
  return {
    async [Symbol.asyncDispose]() {
      holder.kill('SIGKILL')
      await ended
      spawnSync('umount', ['-l', point])
    },
  }
}

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    ids.receive()
    await sleep(5)
  }
}

/** A program whose build id is found. */
function addProgram() {
  const path = join(folder, 'program')
  copyFileSync('/bin/true', path)
  using file = ElfFile.open(path)
  return { path, buildId: file.buildId }
}

async function answerAbout(path: string): Promise<Uint8Array | undefined> {
  const asked = askAbout(path)
  assert.ok(asked)
  await until(() => asked.state === 'answered')
  return asked.buildId
}

test('a file that may not even be inspected has none', async () => {
  const { path, buildId } = addProgram()
  const point = join(folder, 'refused')
  await using _ = await mountFuse(point, 65_534)
  addProcess(2 ** 30, point)
  assert.throws(() => statSync(point), { code: 'EACCES' })
  const asked = ask(2 ** 30, 'gone', 5n, 8, 1)
  assert.ok(asked)
  await until(() => asked.state === 'answered')
  assert.equal(asked.buildId, undefined)
  assert.deepEqual(await answerAbout(path), buildId)
})

test('files of FUSE are not opened', async () => {
  const { path, buildId } = addProgram()
  const point = join(folder, 'fuse')
  await using _ = await mountFuse(point, 0)
  const { dev } = statSync(folder, { bigint: true })
  // Its own device, and the path of another file that it hides.
  for (const minor of [99, Number(dev & 0xffn)]) {
    const asked = ask(process.pid, join(point, 'x'), 5n, 0, minor)
    assert.ok(asked)
    await until(() => asked.state === 'answered')
  }
  assert.deepEqual(await answerAbout(path), buildId)
})

test('a file system that does not respond holds up nothing', async () => {
  const { path, buildId } = addProgram()
  assert.deepEqual(await answerAbout(path), buildId)
  const point = join(folder, 'hung')
  {
    await using _ = await mountFuse(point, 0)
    addProcess(2 ** 30 + 1, join(point, 'x'))
    const asked = ask(2 ** 30 + 1, 'gone', 5n, 8, 1)
    assert.ok(asked)
    await until(() => asked.isOver)
    assert.equal(asked.state, 'open')
    assert.equal(askAbout(path), undefined)
    assert.equal(ids.missed, 1)
    // Another thread answers while the first one still waits.
    let again: ReturnType<typeof askAbout>
    await until(() => {
      again ??= askAbout(path)
      return again?.state === 'answered'
    })
    assert.deepEqual(again?.buildId, buildId)
    assert.equal(asked.state, 'lost')
  }
})
