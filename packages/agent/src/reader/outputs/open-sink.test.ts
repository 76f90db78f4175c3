import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chownSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, it } from 'node:test'
import { sumOf } from '@tetragon-ts/outputs/queue'
import { hookLines } from '../testing/hook-lines.ts'
import { finishWriting } from './finish-writing.ts'
import { NoSink } from './no-sink.ts'
import { openSink, type SinkOptions } from './open-sink.ts'
import { StreamSink } from './stream-sink.ts'

const observer = { rotated: () => {}, warn: () => {} }
const open = (options: SinkOptions) => openSink(options, observer, () => Buffer.alloc(0))
let folder: string
beforeEach(() => {
  folder = mkdtempSync('/dev/shm/tetragon-open-')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('a link is refused, whatever its target', async () => {
  const [file, link] = ['file', 'link'].map((name) => join(folder, name))
  writeFileSync(file, 'a\n')
  for (const target of [file, '/dev/null', join(folder, 'missing')]) {
    symlinkSync(target, link)
    await assert.rejects(open({ kind: 'file', path: link, mode: 0o600 }), {
      code: 'AGENT_FILE',
      message: /^open export file .*\/link: .*symbolic link/,
    })
    rmSync(link)
  }
  assert.equal(readFileSync(file, 'utf8'), 'a\n')
})

it('a pipe is written to while it has a reader, and is an error without one', async () => {
  const path = join(folder, 'pipe')
  assert.equal(spawnSync('mkfifo', [path]).status, 0)
  const options = { kind: 'file', path, mode: 0o600 } as const
  await assert.rejects(open(options), {
    code: 'AGENT_FILE',
    message: /no process reads the pipe; start its reader first/,
  })
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const sink = await open(options)
  sink.write(Buffer.from('a\n'), 2, hookLines(2, 1))
  const bytes = Buffer.alloc(10)
  assert.equal(bytes.toString('utf8', 0, readSync(reader, bytes)), 'a\n')
  sink.close()
  closeSync(reader)
})

it('a pipe of another user is refused', {
  skip: process.getuid?.() !== 0 && 'needs root',
}, async () => {
  const path = join(folder, 'pipe')
  assert.equal(spawnSync('mkfifo', [path]).status, 0)
  chownSync(path, 65534, 65534)
  const message = /^open export file .*\/pipe: it belongs to user 65534/
  await assert.rejects(open({ kind: 'file', path, mode: 0o600 }), { message })
})

it('descriptors that the agent was started with are written to', async () => {
  const path = join(folder, 'file')
  const fd = openSync(path, 'a')
  for (const name of [`/dev/fd/${fd}`, `/proc/self/fd/${fd}`]) {
    const sink = await open({ kind: 'file', path: name, mode: 0o600 })
    sink.write(Buffer.from('a\n'), 2, hookLines(2, 1))
    await finishWriting(sink)
    sink.close()
  }
  closeSync(fd)
  assert.equal(readFileSync(path, 'utf8'), 'a\na\n')
  const stdout = await open({ kind: 'file', path: '/dev/stdout', mode: 0o600 })
  assert.ok(!(stdout instanceof NoSink))
  await assert.rejects(open({ kind: 'file', path: `/dev/fd/${fd}`, mode: 0o600 }), {
    message: /^open export file \/dev\/fd\/\d+: EBADF/,
  })
})

it('a device is written to, and not rotated', async () => {
  const options = { kind: 'file', path: '/dev/null', mode: 0o600 } as const
  const sink = await open(options)
  assert.ok(sink instanceof StreamSink)
  sink.write(Buffer.from('a\nb\n'), 4, hookLines(4, 2))
  assert.deepEqual([sink.writtenEvents, sink.writtenBytes, sumOf(sink.lostEvents)], [2, 4, 0])
  sink.close()
})

it('errors name the path', async () => {
  const path = join(folder, 'file', 'events')
  writeFileSync(join(folder, 'file'), '')
  await assert.rejects(open({ kind: 'file', path, mode: 0o600 }), {
    message: /^open export file .*\/file\/events: (ENOTDIR|.*is not a folder)/,
  })
})
