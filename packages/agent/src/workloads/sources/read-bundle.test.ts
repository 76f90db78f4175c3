import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { containerdNames } from './bundle-pod.ts'
import { readBundle } from './read-bundle.ts'

const annotations = {
  'io.kubernetes.cri.container-name': 'c',
  'io.kubernetes.cri.container-type': 'container',
  'io.kubernetes.cri.sandbox-name': 'p',
  'io.kubernetes.cri.sandbox-namespace': 'n',
}

describe('a bundle', () => {
  let folder: string
  let path: string
  let count = 0
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tetragon-bundle-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))
  beforeEach(() => {
    path = join(folder, `${count++}`)
  })
  const read = () => readBundle(path, containerdNames)
  const fault = (name: string) => assert.deepEqual(read(), { kind: 'fault', fault: name })

  it('has the pod and the creation time', () => {
    writeFileSync(path, JSON.stringify({ process: { args: ['a'] }, annotations }))
    const answer = read()
    assert.equal(answer.kind, 'pod')
    assert.ok(answer.kind === 'pod' && Date.now() - answer.created.getTime() < 60_000)
    assert.equal(answer.pod.name, 'p')
  })

  it('has the pod after megabytes of arguments and environment', () => {
    const env = Array.from({ length: 100 }, (_, i) => `V${i}={"annotations":"${'"'.repeat(40_000)}`)
    writeFileSync(path, JSON.stringify({ process: { env }, annotations }))
    assert.equal(readBundle(path, containerdNames, Number.POSITIVE_INFINITY).kind, 'pod')
    assert.deepEqual(readBundle(path, containerdNames, -1), { kind: 'fault', fault: 'too_large' })
  })

  it('may be missing, or belong to no pod', () => {
    assert.deepEqual(read(), { kind: 'missing' })
    writeFileSync(path, '{"ociVersion":"1.0.2"}')
    assert.deepEqual(read(), { kind: 'other' })
    writeFileSync(path, '{"annotations":null}')
    assert.deepEqual(read(), { kind: 'other' })
    path = join(path, 'below/a/file')
    assert.deepEqual(read(), { kind: 'missing' })
  })

  it('is refused without blocking if it is a link, FIFO, folder or device', () => {
    symlinkSync('/dev/zero', path)
    fault('unsafe')
    rmSync(path)
    assert.equal(spawnSync('mkfifo', [path]).status, 0)
    fault('unsafe')
    rmSync(path)
    mkdirSync(path)
    fault('unsafe')
    path = '/dev/zero'
    fault('unsafe')
  })

  it('is refused if another user can have written it', () => {
    writeFileSync(path, JSON.stringify({ annotations }))
    for (const mode of [0o620, 0o602]) {
      chmodSync(path, mode)
      fault('unsafe')
    }
    chmodSync(path, 0o600)
    assert.equal(read().kind, 'pod')
  })

  it('is refused if another user owns it', {
    skip: process.getuid?.() !== 0 && 'needs root',
  }, () => {
    writeFileSync(path, JSON.stringify({ annotations }))
    chownSync(path, 1000, 1000)
    fault('unsafe')
  })

  it('is bounded', () => {
    writeFileSync(path, '{"process":"')
    truncateSync(path, 2 ** 40)
    fault('too_large')
    truncateSync(path, 2 ** 20)
    fault('malformed')
    const many = { ...annotations, more: 'x'.repeat(2 ** 20) }
    writeFileSync(path, JSON.stringify({ annotations: many }))
    fault('too_large')
  })

  it('that is not JSON is malformed', () => {
    for (const text of ['', '{', '{"annotations":{"a"}}', '{"annotations":[]}', 'annotations']) {
      writeFileSync(path, text)
      fault('malformed')
    }
  })
})
