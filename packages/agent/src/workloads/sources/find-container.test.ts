import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { bundlesOfContainerd, writeBundle, xwing } from '../testing/bundles.ts'
import { findContainer } from './find-container.ts'

const id = 'ab'.repeat(32)
const imageId = `sha256:${'cd'.repeat(32)}`
const created = '2026-01-02T03:04:05.678901234Z'

/** A container of Docker, as its daemon writes it. */
const docker = {
  ID: id,
  Name: '/xwing',
  Created: created,
  Image: imageId,
  Config: { Image: 'demo:1', Env: ['A=b'], Labels: { app: 'xwing' } },
}
const dockerFile = `var/lib/docker/containers/${id}/config.v2.json`

/** A container of Podman, in the list of its storage. */
const podman = {
  id,
  names: ['xwing'],
  image: 'cd'.repeat(32),
  created,
  metadata: JSON.stringify({ 'image-name': 'demo:1', 'image-id': 'cd'.repeat(32), name: 'xwing' }),
}
const podmanFile = 'var/lib/containers/storage/overlay-containers/containers.json'

let procfs: string
let root: string
beforeEach(() => {
  procfs = mkdtempSync(join(tmpdir(), 'tetragon-runtimes-'))
  root = join(procfs, '1/root')
})
afterEach(() => rmSync(procfs, { recursive: true, force: true }))

function write(path: string, content: unknown): string {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}
const find = () => findContainer(procfs, id, [])
const container = {
  id,
  name: 'xwing',
  image: 'demo:1',
  created: new Date('2026-01-02T03:04:05.678Z'),
}
const ofDocker = { ...container, scheme: 'docker', imageId, labels: { app: 'xwing' } }

describe('the files of runtimes', () => {
  it('have the containers of Docker', () => {
    write(dockerFile, docker)
    assert.deepEqual(find(), { kind: 'container', container: ofDocker })
  })

  it('have them in the folder that the configuration of the daemon names', () => {
    write('etc/docker/daemon.json', { 'data-root': '/mnt/docker' })
    write(dockerFile.replace('var/lib', 'mnt'), docker)
    assert.deepEqual(find(), { kind: 'container', container: ofDocker })
  })

  it('have them although containerd has a bundle of them', () => {
    write(dockerFile, docker)
    writeBundle(join(root, bundlesOfContainerd), id, {})
    assert.equal(find().kind, 'container')
  })

  it('have the pods of the kubelet with Docker', () => {
    const labels = {
      'io.kubernetes.docker.type': 'container',
      'io.kubernetes.pod.namespace': 'default',
      'io.kubernetes.pod.name': 'xwing',
      'io.kubernetes.pod.uid': 'u-1',
      'io.kubernetes.container.name': 'spaceship',
    }
    const config = { ...docker.Config, Labels: labels }
    write(dockerFile, { ...docker, Config: config })
    const found = find()
    assert.ok(found.kind === 'pod')
    const spaceship = { name: 'spaceship', image: 'demo:1' }
    const pod = { namespace: 'default', name: 'xwing', uid: 'u-1' }
    assert.deepEqual(found.pod, { ...pod, container: spaceship })
    const sandbox = { ...labels, 'io.kubernetes.docker.type': 'podsandbox' }
    write(dockerFile, { ...docker, Config: { ...config, Labels: sandbox } })
    const pause = find()
    assert.deepEqual(pause.kind === 'pod' && pause.pod, { ...pod, container: undefined })
  })

  it('have the containers of Podman, with any storage driver, also volatile ones', () => {
    const id = 'cd'.repeat(32)
    const expected = { ...container, scheme: 'podman', imageId: id, labels: {} }
    for (const name of ['containers.json', 'volatile-containers.json']) {
      for (const driver of ['overlay', 'vfs']) {
        const path = join(dirname(dirname(podmanFile)), `${driver}-containers`, name)
        const file = write(path, [{ id: 'other' }, podman])
        assert.deepEqual(find(), { kind: 'container', container: expected })
        rmSync(file)
      }
    }
  })

  it('have the pod first', () => {
    write(dockerFile, docker)
    write(podmanFile, [podman])
    writeBundle(join(root, bundlesOfContainerd), id, xwing)
    assert.equal(find().kind, 'pod')
  })

  it('of CRI-O are not those of Podman', () => {
    const metadata = JSON.stringify({ 'pod-name': 'p', name: 'xwing' })
    write(podmanFile, [{ ...podman, metadata }])
    assert.deepEqual(find(), { kind: 'missing' })
  })

  it('omit very many labels', () => {
    const Labels = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`label${i}`, 'x']))
    write(dockerFile, { ...docker, Config: { ...docker.Config, Labels } })
    assert.deepEqual(find(), { kind: 'container', container: { ...ofDocker, labels: {} } })
  })

  const hostile: readonly (readonly [string, string, unknown])[] = [
    ['no JSON', dockerFile, '{'],
    ['no object', dockerFile, []],
    ['another container', dockerFile, { ...docker, ID: 'other' }],
    ['a name of two lines', dockerFile, { ...docker, Name: '/a\nb' }],
    ['a name that is no text', dockerFile, { ...docker, Name: { a: 1 } }],
  ]
  for (const [what, path, content] of hostile) {
    it(`are malformed with ${what}`, () => {
      write(path, content)
      assert.deepEqual(find(), { kind: 'fault', fault: 'malformed' })
    })
  }

  it('of Podman may have no name, or be unreadable', () => {
    for (const metadata of ['{', `{"name":"${'x'.repeat(254)}"}`, undefined]) {
      rmSync(write(podmanFile, ''))
      write(podmanFile, [{ ...podman, metadata }])
      assert.deepEqual(find(), { kind: 'other' })
    }
    const file = write(podmanFile, '{')
    assert.deepEqual(find(), { kind: 'missing' })
    truncateSync(file, 2 ** 33)
    assert.deepEqual(find(), { kind: 'missing' })
  })

  it('of Podman are read again when they are replaced', () => {
    write(podmanFile, [])
    assert.deepEqual(find(), { kind: 'missing' })
    renameSync(write('new', [podman]), join(root, podmanFile))
    assert.equal(find().kind, 'container')
    rmSync(join(root, podmanFile))
    assert.deepEqual(find(), { kind: 'missing' })
  })

  it('are refused if others can write them, if they are links, or too large', () => {
    const file = write(dockerFile, docker)
    chmodSync(file, 0o622)
    assert.deepEqual(find(), { kind: 'fault', fault: 'unsafe' })
    rmSync(file)
    symlinkSync(write('elsewhere', docker), file)
    assert.deepEqual(find(), { kind: 'fault', fault: 'unsafe' })
    rmSync(file)
    truncateSync(write(dockerFile, ''), 2 ** 33)
    assert.deepEqual(find(), { kind: 'fault', fault: 'too_large' })
  })

  it('of any content are read without an error', () => {
    const state = fc.record({
      ID: fc.constant(id),
      Name: fc.oneof(fc.string(), fc.jsonValue()),
      Created: fc.oneof(fc.string(), fc.constant(created)),
      Config: fc.jsonValue(),
      Image: fc.jsonValue(),
    })
    fc.assert(
      fc.property(state, fc.array(fc.jsonValue()), (ofDocker, ofPodman) => {
        write(dockerFile, ofDocker)
        write(podmanFile, ofPodman)
        const found = find()
        if (found.kind === 'container') assert.match(found.container.name, /^[!-~]{1,253}$/)
      }),
    )
  })
})
