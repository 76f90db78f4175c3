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
import { DescriptorSink } from './descriptor-sink.ts'
import { openSink } from './open-sink.ts'

const observer = { rotated: () => {}, warn: () => {} }
let folder: string
beforeEach(() => {
  folder = mkdtempSync('/dev/shm/tetragon-open-')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('a link is refused, whatever it leads to', () => {
  const [file, link] = ['file', 'link'].map((name) => join(folder, name))
  writeFileSync(file, 'a\n')
  for (const target of [file, '/dev/null', join(folder, 'missing')]) {
    symlinkSync(target, link)
    assert.throws(() => openSink({ kind: 'file', path: link, mode: 0o600 }, observer), {
      code: 'AGENT_FILE',
      message: /^open export file .*\/link: .*symbolic link/,
    })
    rmSync(link)
  }
  assert.equal(readFileSync(file, 'utf8'), 'a\n')
})

it('a pipe is written to while it has a reader, and is an error without one', () => {
  const path = join(folder, 'pipe')
  assert.equal(spawnSync('mkfifo', [path]).status, 0)
  const options = { kind: 'file', path, mode: 0o600 } as const
  assert.throws(() => openSink(options, observer), {
    code: 'AGENT_FILE',
    message: /no process reads the pipe; start its reader first/,
  })
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const sink = openSink(options, observer)
  sink.write(Buffer.from('a\n'), 2, 1)
  const bytes = Buffer.alloc(10)
  assert.equal(bytes.toString('utf8', 0, readSync(reader, bytes)), 'a\n')
  sink.close()
  closeSync(reader)
})

it('a pipe of another user is refused', { skip: process.getuid?.() !== 0 && 'needs root' }, () => {
  const path = join(folder, 'pipe')
  assert.equal(spawnSync('mkfifo', [path]).status, 0)
  chownSync(path, 65534, 65534)
  const message = /^open export file .*\/pipe: it belongs to user 65534/
  assert.throws(() => openSink({ kind: 'file', path, mode: 0o600 }, observer), { message })
})

it('descriptors that the agent was started with are written to', () => {
  const path = join(folder, 'file')
  const fd = openSync(path, 'a')
  for (const name of [`/dev/fd/${fd}`, `/proc/self/fd/${fd}`]) {
    const sink = openSink({ kind: 'file', path: name, mode: 0o600 }, observer)
    sink.write(Buffer.from('a\n'), 2, 1)
    sink.close()
  }
  closeSync(fd)
  assert.equal(readFileSync(path, 'utf8'), 'a\na\n')
  const stdout = openSink({ kind: 'file', path: '/dev/stdout', mode: 0o600 }, observer)
  assert.ok(stdout instanceof DescriptorSink)
  assert.throws(() => openSink({ kind: 'file', path: `/dev/fd/${fd}`, mode: 0o600 }, observer), {
    message: /^open export file \/dev\/fd\/\d+: EBADF/,
  })
})

it('a device is written to, and not rotated', () => {
  const options = { kind: 'file', path: '/dev/null', mode: 0o600 } as const
  const sink = openSink(options, observer)
  assert.ok(sink instanceof DescriptorSink)
  sink.write(Buffer.from('a\nb\n'), 4, 2)
  assert.deepEqual([sink.writtenEvents, sink.writtenBytes, sink.lostEvents], [2, 4, 0])
  sink.close()
})

it('what cannot be opened is named', () => {
  const path = join(folder, 'file', 'events')
  writeFileSync(join(folder, 'file'), '')
  assert.throws(() => openSink({ kind: 'file', path, mode: 0o600 }, observer), {
    message: /^open export file .*\/file\/events: (ENOTDIR|.*is not a folder)/,
  })
})
