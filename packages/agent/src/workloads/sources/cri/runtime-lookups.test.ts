import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js'
import { serviceDefinition } from '@tetragon-ts/api'
import { RuntimeService } from '@tetragon-ts/kubernetes/cri'
import type { PodFacts } from '../../pod-facts.ts'
import { RuntimeLookups } from './runtime-lookups.ts'

const [id, sandboxId, other] = ['a', 'b', 'c'].map((digit) => digit.repeat(64))
const digest = `demo.example/demo@sha256:${'d'.repeat(64)}`

/** What the runtime answers, by procedure. */
const answers = () => ({
  Version: { runtime_name: 'containerd' } as object,
  ListContainers: { containers: [{ id, pod_sandbox_id: sandboxId }] } as object,
  ListPodSandbox: {
    items: [
      {
        id: sandboxId,
        metadata: { name: 'xwing', namespace: 'default', uid: 'u-1' },
        labels: { class: 'xwing', 'io.kubernetes.pod.uid': 'u-1' },
        annotations: { note: 'a' },
      },
    ],
  } as object,
  ContainerStatus: {
    status: {
      id,
      metadata: { name: 'spaceship' },
      image: { image: 'demo.example/demo:1' },
      image_ref: digest,
      started_at: '1767323045678901234',
    },
  } as object,
})

const expected: PodFacts = {
  uid: 'u-1',
  namespace: 'default',
  name: 'xwing',
  staticUid: '',
  annotations: undefined,
  labels: { class: 'xwing' },
  workload: '',
  workloadKind: '',
  containers: [
    {
      name: 'spaceship',
      id: `containerd://${id}`,
      image: 'demo.example/demo:1',
      ...{
        imageId: digest,
        startedAt: '2026-01-02T03:04:05.678Z',
        isPrivileged: false,
        probes: [],
      },
    },
  ],
}

let folder: string
let server: Server
let given: ReturnType<typeof answers>
/** Procedures that do not answer. */
let silent: Set<string>
let calls: string[]
let found: PodFacts[]
let warnings: string[]
let lookups: RuntimeLookups
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tetragon-cri-'))
  server = new Server()
  given = answers()
  silent = new Set()
  calls = []
  found = []
  warnings = []
})
afterEach(() => {
  lookups.close()
  server.forceShutdown()
  rmSync(folder, { recursive: true })
})

const address = () => `unix://${folder}/runtime.sock`

async function serve(): Promise<void> {
  type Done = (error: null, response: object) => void
  const procedures = Object.keys(given).map((name) => {
    const answer = (_: object, done: Done) => {
      calls.push(name)
      if (!silent.has(name)) done(null, given[name as keyof typeof given])
    }
    return [name, answer]
  })
  server.addService(
    serviceDefinition(RuntimeService) as object as ServiceDefinition,
    Object.fromEntries(procedures),
  )
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(address(), ServerCredentials.createInsecure(), (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}

function ask(waitMs = 30_000, annotations = false, unknownMs?: number): void {
  const options = { endpoint: address(), procfs: '/proc', waitMs, annotations, unknownMs }
  lookups = new RuntimeLookups(options, {
    found: (pod) => found.push(pod),
    warn: (message) => warnings.push(message),
  })
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2)
}

describe('the socket of the container runtime', () => {
  it('has the pod of a container', async () => {
    await serve()
    ask()
    lookups.lookUp([id])
    await until(() => found.length > 0)
    assert.deepEqual(found, [expected])
    assert.deepEqual(warnings, [])
    assert.deepEqual(lookups.counts, { total: 1, failed: 0 })
  })

  it('has the pod of a sandbox, and annotations on request', async () => {
    given.ListContainers = {}
    await serve()
    ask(30_000, true)
    lookups.lookUp([sandboxId])
    await until(() => found.length > 0)
    assert.deepEqual(found, [{ ...expected, annotations: { note: 'a' }, containers: [] }])
  })

  it('may appear later, and may know a container later', async () => {
    ask()
    lookups.lookUp([id])
    await sleep(150)
    const later = given.ListPodSandbox
    given.ListPodSandbox = {}
    await serve()
    await until(() => calls.includes('ListPodSandbox'))
    given.ListPodSandbox = later
    await until(() => found.length > 0)
    assert.deepEqual(found, [expected])
  })

  it('is not asked again long after it has said that there is no such container', async () => {
    given.ListPodSandbox = {}
    await serve()
    ask(30_000, false, 100)
    lookups.lookUp([id])
    await until(() => lookups.counts.failed === 1)
    assert.ok(calls.filter((name) => name === 'ListPodSandbox').length > 1)
    assert.deepEqual([found, warnings], [[], []])
  })

  it('is asked for a limited number of containers at a time, and not forever', async () => {
    await serve()
    silent.add('ListContainers')
    ask(0)
    lookups.lookUp(Array.from({ length: 2000 }, () => id))
    assert.deepEqual(lookups.counts, { total: 2000, failed: 976 })
    await until(() => warnings.length > 0)
    assert.ok(calls.filter((name) => name === 'ListContainers').length <= 8)
    assert.equal(warnings.length, 1)
    assert.match(warnings[0], /^find pods through --cri-endpoint: .*: no answer in time; /)
  })

  const hostile: readonly (readonly [string, (answer: typeof given) => void])[] = [
    [
      'other containers',
      (a) => Object.assign(a, { ListContainers: { containers: [{ id: other }] } }),
    ],
    ['other sandboxes', (a) => Object.assign(a, { ListPodSandbox: { items: [{ id: other }] } })],
    [
      'a sandbox without a pod',
      (a) => Object.assign(a, { ListPodSandbox: { items: [{ id: sandboxId }] } }),
    ],
    [
      'a name of two lines',
      (a) => {
        const metadata = { name: 'a\nb', namespace: 'n', uid: 'u' }
        a.ListPodSandbox = { items: [{ id: sandboxId, metadata }] }
      },
    ],
    [
      'a runtime with a strange name',
      (a) => Object.assign(a, { Version: { runtime_name: 'a://"' } }),
    ],
  ]
  for (const [what, change] of hostile) {
    it(`is not believed: ${what}`, async () => {
      change(given)
      await serve()
      ask(0)
      lookups.lookUp([id])
      await until(() => lookups.counts.failed > 0)
      assert.deepEqual([found, warnings.length], [[], what.startsWith('a runtime') ? 1 : 0])
    })
  }

  it('may say something else about the container', async () => {
    given.ContainerStatus = { status: { id: other, metadata: { name: 'x' } } }
    await serve()
    ask()
    lookups.lookUp([id])
    await until(() => found.length > 0)
    assert.deepEqual(found, [{ ...expected, containers: [] }])
  })

  it('may have 10,000 labels: policies select by all of them', async () => {
    const labels = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`label${i}`, 'x']))
    const metadata = { name: 'xwing', namespace: 'default', uid: 'u-1' }
    given.ListPodSandbox = { items: [{ id: sandboxId, metadata, labels }] }
    await serve()
    ask()
    lookups.lookUp([id])
    await until(() => found.length > 0)
    assert.deepEqual(found, [{ ...expected, labels }])
  })
})
