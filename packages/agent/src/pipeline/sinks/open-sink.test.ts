import assert from 'node:assert/strict'
import {
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, it } from 'node:test'
import { DescriptorSink } from './descriptor-sink.ts'
import { openSink, withRealPath } from './open-sink.ts'

const observer = { rotated: () => {}, warn: () => {} }
let folder: string
beforeEach(() => {
  folder = mkdtempSync('/dev/shm/tetragon-open-')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('a link to a file stands for the file, which is rotated in its own folder', () => {
  const [file, link] = ['file', 'link'].map((name) => join(folder, name))
  writeFileSync(file, 'a\n')
  symlinkSync(file, link)
  const limits = { maxSize: 3, interval: 0, maxBackups: 0, compress: false }
  const options = withRealPath({ kind: 'file', path: link, mode: 0o600, rotation: limits })
  const sink = openSink(options, observer)
  sink.write(Buffer.from('b\n'), 2, 1)
  sink.close()
  assert.equal(realpathSync(link), file)
  assert.equal(readFileSync(link, 'utf8'), 'b\n')
})

it('a device is written to, and not rotated', () => {
  const options = { kind: 'file', path: '/dev/null', mode: 0o600 } as const
  assert.deepEqual(withRealPath(options), options)
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
    message: /^open export file .*\/file\/events: (EEXIST|ENOTDIR)/,
  })
})
