import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { PodFacts } from './pod-facts.ts'
import { Pods } from './pods.ts'
import { readCreateContainer } from './sources/runtime-hook.ts'
import { bundlesOfContainerd, writeBundle, xwing, xwingSandbox } from './testing/bundles.ts'

const [id, outer, inner] = ['a', 'b', 'c'].map((digit) => digit.repeat(64))

describe('the pod of a container', () => {
  let procfs: string
  let time = 0
  let pods: Pods
  beforeEach(() => {
    procfs = mkdtempSync(join(tmpdir(), 'tetragon-pods-'))
    time = 0
    pods = new Pods(procfs, { deletedMax: 2, max: 4, now: () => time })
  })
  afterEach(() => rmSync(procfs, { recursive: true, force: true }))
  const inHost = (folder: string) => join(procfs, '1/root', folder)
  const nameOf = (ids: readonly string[], above: readonly number[] = []) =>
    pods.of(ids, above).pod?.text.message.name

  for (const folder of [
    bundlesOfContainerd,
    'run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io',
    'run/k0s/containerd/io.containerd.runtime.v2.task/k8s.io',
    'var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task/k8s.io',
  ]) {
    it(`is found in ${folder}`, () => {
      writeBundle(inHost(folder), id, xwing)
      const found = pods.of([id], []).pod
      assert.equal(found?.text.message.container?.id, `containerd://${id}`)
      assert.equal(found.text.message.container.image?.name, 'quay.io/cilium/alpine-curl:v1.5.0')
      assert.equal(pods.counts.found, 1)
    })
  }

  it('is found with CRI-O', () => {
    const folder = inHost(`run/containers/storage/overlay-containers/${id}`)
    writeBundle(folder, 'userdata', {
      'io.kubernetes.container.name': 'spaceship',
      'io.kubernetes.cri-o.ContainerType': 'container',
      'io.kubernetes.cri-o.KubeName': 'xwing',
      'io.kubernetes.cri-o.Namespace': 'default',
      // Annotations of the pod, which it can choose itself, are not those of containerd.
      ...xwingSandbox,
    })
    assert.equal(pods.of([id], []).pod?.text.message.container?.id, `cri-o://${id}`)
  })

  it('is the pod of the outermost container that has one', () => {
    writeBundle(inHost(bundlesOfContainerd), id, xwing)
    const other = { ...xwing, 'io.kubernetes.cri.sandbox-name': 'other' }
    writeBundle(inHost(bundlesOfContainerd), inner, other)
    assert.equal(nameOf([inner, id, outer]), 'xwing')
    assert.equal(nameOf([inner]), 'other')
  })

  it('is unknown inside a container whose bundle is unreadable', () => {
    const folder = inHost(bundlesOfContainerd)
    writeBundle(folder, inner, xwing)
    mkdirSync(join(folder, outer, 'config.json'), { recursive: true })
    assert.equal(nameOf([inner, outer]), undefined)
    assert.equal(pods.counts.faults.unsafe, 1)
  })

  it('is updated by the API server', () => {
    writeBundle(inHost(bundlesOfContainerd), id, xwing)
    const pod = pods.of([id], []).pod
    assert.ok(pod !== undefined && pod.text.message.workload === undefined)
    const facts = {
      uid: 'copy',
      staticUid: xwing['io.kubernetes.cri.sandbox-uid'],
      namespace: 'default',
      name: 'xwing',
      annotations: undefined,
      labels: { a: 'b' },
      workload: 'w',
      workloadKind: 'Pod',
      containers: [],
    }
    const change = { isComplete: false, pods: [facts], removed: [] }
    assert.deepEqual([...pods.update(change)], [pod])
    assert.equal(pods.of([id], []).pod, pod)
    assert.deepEqual(pod.text.message.pod_labels, { a: 'b' })
    assert.equal(pod.text.message.uid, 'copy')
    // The same again changes nothing.
    assert.equal(pods.update(change).size, 0)
    assert.equal(pods.update({ isComplete: true, pods: [], removed: [] }).size, 0)
    assert.deepEqual(pod.text.message.pod_labels, { a: 'b' })
  })

  it('loses a large text when it is forgotten, wherever it is from', () => {
    writeBundle(inHost(bundlesOfContainerd), id, xwing)
    const declared = pods.of([id], []).pod
    const labels = { a: 'x'.repeat(10_000) }
    const ofRuntime = { name: 'c', image: 'i', imageId: '', startedAt: '' }
    const all = [xwing['io.kubernetes.cri.sandbox-uid'], 'other', 'small'].map((uid, at) => ({
      uid,
      staticUid: '',
      namespace: 'default',
      name: uid,
      annotations: undefined,
      labels: uid === 'small' ? { a: 'b' } : labels,
      workload: uid,
      workloadKind: 'Pod',
      containers: [
        { ...ofRuntime, id: `x://${[id, outer, inner][at]}`, isPrivileged: false, probes: [] },
      ],
    }))
    pods.update({ isComplete: true, pods: all, removed: [] })
    const found = [declared, pods.of([outer], []).pod, pods.of([inner], []).pod]
    const shown = () => found.map((pod) => pod?.text.message.pod_labels?.a?.length)
    assert.deepEqual(shown(), [10_000, 10_000, 1])
    pods.update({ isComplete: true, pods: [], removed: [] })
    assert.deepEqual(shown(), [undefined, 10_000, 1])
    // The limit of deleted pods is 2.
    const others = ['1', '2'].map((uid) => ({ ...all[0]!, uid, containers: [] }))
    pods.update({ isComplete: true, pods: others, removed: [] })
    const forgotten = pods.update({ isComplete: true, pods: [], removed: [] })
    assert.deepEqual([...forgotten], [found[1]])
    assert.deepEqual(shown(), [undefined, undefined, 1])
    const { workload, container } = found[1]?.text.message ?? {}
    assert.deepEqual([workload, container?.id], ['other', `x://${outer}`])
  })

  it('is the pod in whose control group the container is, until there is a bundle', () => {
    const uid = xwing['io.kubernetes.cri.sandbox-uid']
    const facts = {
      uid,
      staticUid: '',
      namespace: 'n',
      name: 'p',
      annotations: undefined,
      labels: { a: 'b' },
      workload: 'p',
      workloadKind: 'Pod',
      containers: [],
    }
    pods.place(id, uid)
    assert.equal(pods.known([id], 1), 'unknown')
    pods.update({ isComplete: false, pods: [facts], removed: [] })
    time += 60_000
    const { text } = pods.of([id], []).pod!
    assert.deepEqual(text.labels, { a: 'b' })
    assert.deepEqual(text.message.container, { id })
    writeBundle(inHost(bundlesOfContainerd), id, xwing)
    time += 60_000
    assert.equal(pods.of([id], []).pod?.text.message.container?.id, `containerd://${id}`)
    // One that is in no pod's group belongs to the host after a time.
    assert.equal(pods.known([outer], 1), 'unknown')
    time += 60_000
    assert.equal(pods.known([outer], 1), 'outside')
  })

  it('is looked up again by the first process if only its control group is known', () => {
    const facts = {
      uid: 'u',
      staticUid: '',
      namespace: 'n',
      name: 'p',
      annotations: undefined,
      labels: {},
      workload: 'p',
      workloadKind: 'Pod',
      containers: [],
    }
    pods.update({ isComplete: false, pods: [facts], removed: [] })
    pods.place(id, 'u')
    assert.notEqual(pods.known([id], 1), 'unknown')
    writeBundle(inHost(bundlesOfContainerd), id, xwing)
    assert.equal(pods.of([id], []).pod?.text.message.container?.id, `containerd://${id}`)
  })

  it('is the pod of the API server if there is no bundle', () => {
    assert.equal(nameOf([id]), undefined)
    const container = { name: 'c', image: 'i', imageId: '', startedAt: '' }
    const facts = {
      uid: 'u',
      staticUid: '',
      namespace: 'n',
      name: 'p',
      annotations: undefined,
      labels: {},
      workload: 'p',
      workloadKind: 'Pod',
      containers: [{ ...container, id: `docker://${id}`, isPrivileged: false, probes: [] }],
    }
    pods.update({ isComplete: false, pods: [facts], removed: [] })
    assert.equal(pods.isFinal([id]), false)
    time += 100
    assert.equal(pods.of([id], []).pod?.text.message.container?.id, `docker://${id}`)
  })

  const ofRuntime = (container: string, labels: Record<string, string> = {}): PodFacts => ({
    uid: xwing['io.kubernetes.cri.sandbox-uid'],
    staticUid: '',
    annotations: undefined,
    namespace: 'default',
    name: 'xwing',
    labels,
    workload: '',
    workloadKind: '',
    containers: [
      {
        name: 'spaceship',
        id: `containerd://${container}`,
        image: 'i',
        imageId: 'i@d',
        startedAt: '',
        isPrivileged: false,
        probes: [],
      },
    ],
  })

  it('is updated by the socket of the runtime, which the API server replaces', () => {
    writeBundle(inHost(bundlesOfContainerd), id, xwing)
    pods = new Pods(procfs, { max: 4, asksRuntime: true, now: () => time })
    const pod = pods.of([id], []).pod
    pods.of([id, outer], [])
    assert.deepEqual(pods.takeQuestions(), { cri: [id, outer], podman: [] })
    assert.deepEqual(pods.takeQuestions(), { cri: [], podman: [] })
    assert.deepEqual([...pods.addOfRuntime(ofRuntime(id, { a: 'b' }))], [pod])
    const { workload, pod_labels, container } = pod?.text.message ?? {}
    assert.deepEqual([workload, pod_labels, container?.image?.id], [undefined, { a: 'b' }, 'i@d'])
    const facts = { ...ofRuntime(id, { c: 'd' }), workload: 'x', workloadKind: 'Pod' }
    pods.update({ isComplete: true, pods: [facts], removed: [] })
    assert.deepEqual(pod?.text.message.pod_labels, { c: 'd' })
    assert.equal(pods.addOfRuntime(ofRuntime(id, { a: 'b' })).size, 0)
  })

  it('is the pod of the socket of the runtime if there is no bundle', () => {
    assert.equal(nameOf([id]), undefined)
    assert.equal(pods.addOfRuntime(ofRuntime(id)).size, 1)
    assert.equal(nameOf([id]), 'xwing')
    // The next container of the pod.
    assert.equal(nameOf([outer]), undefined)
    pods.addOfRuntime(ofRuntime(outer))
    assert.equal(pods.of([outer], []).pod?.text.message.container?.id, `containerd://${outer}`)
    assert.equal(pods.of([id], []).pod?.text.message.container?.id, `containerd://${id}`)
  })

  it('is that of a hook if there is no bundle', () => {
    const hooked = readCreateContainer({ containerID: id, annotations: xwing })
    assert.ok(hooked)
    assert.equal(pods.addHooked(hooked).size, 1)
    assert.equal(nameOf([id]), 'xwing')
    const other = { ...xwing, 'io.kubernetes.cri.sandbox-name': 'other' }
    writeBundle(inHost(bundlesOfContainerd), inner, other)
    pods.addHooked({ ...hooked, id: inner })
    assert.equal(nameOf([inner]), 'other')
    // The runtime writes its files after the report.
    const early = { ...hooked, id: 'd'.repeat(64) }
    const [found] = pods.addHooked({ ...early, pod: { ...early.pod, container: undefined } })
    const nameOfFound = () => found.text.message.container?.name
    assert.equal(nameOfFound(), undefined)
    writeBundle(inHost(bundlesOfContainerd), early.id, xwing)
    assert.equal(pods.known([early.id], 1), found)
    assert.equal(nameOfFound(), 'spaceship')
    // A process was seen before the report.
    assert.equal(nameOf([outer]), undefined)
    assert.equal(pods.addHooked({ ...hooked, id: outer }).size, 1)
    assert.equal(nameOf([outer]), 'xwing')
    for (let i = 0; i < 10; i++) pods.addHooked({ ...hooked, id: `${i}`.repeat(64) })
    assert.equal(nameOf([outer]), undefined)
  })

  it('is none in a container of Docker, which has a name', () => {
    const state = { ID: id, Name: '/tiefighter', Config: { Image: 'demo:1' } }
    const folder = inHost(`var/lib/docker/containers/${id}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'config.v2.json'), JSON.stringify(state))
    // A policy may have asked before the first process.
    assert.equal(pods.known([id], 1), 'outside')
    const { pod, container } = pods.of([inner, id], [])
    assert.equal(pod, undefined)
    assert.equal(container?.message.name, 'tiefighter')
    assert.equal(pods.known([id], 1), 'outside')
    assert.equal(pods.counts.other, 1)
    // A node that is a container has pods.
    writeBundle(inHost(bundlesOfContainerd), outer, xwing)
    const inNode = pods.of([outer, id], [])
    assert.deepEqual([inNode.pod?.text.message.name, inNode.container], ['xwing', undefined])
  })

  it('is looked up again a limited number of times', () => {
    assert.equal(nameOf([id]), undefined)
    assert.equal(pods.isFinal([id]), false)
    const remove = writeBundle(inHost(bundlesOfContainerd), id, xwing)
    assert.equal(nameOf([id]), undefined)
    time += 100
    assert.equal(nameOf([id]), 'xwing')
    assert.equal(pods.isFinal([id]), true)
    remove()
    time += 1e9
    assert.equal(nameOf([id]), 'xwing')
    for (let i = 0; i < 5; i++) {
      assert.equal(pods.isFinal([outer]), false)
      assert.equal(nameOf([outer]), undefined)
      time += 1e6
    }
    assert.equal(pods.isFinal([outer]), true)
    assert.deepEqual([pods.counts.found, pods.counts.missing], [1, 2])
  })

  it('is evicted by newer ones, not by unknown containers', () => {
    const remove = writeBundle(inHost(bundlesOfContainerd), id, xwing)
    assert.equal(nameOf([id]), 'xwing')
    remove()
    const ids = ['1', '2', '3', '4', '5', '6'].map((digit) => digit.repeat(64))
    for (const each of ids) nameOf([each])
    assert.equal(nameOf([id]), 'xwing')
    for (const each of ids.slice(0, 4)) {
      writeBundle(inHost(bundlesOfContainerd), each, xwing)
      time += 100
      assert.equal(nameOf([each]), 'xwing')
    }
    assert.equal(nameOf([id]), undefined)
  })

  it('is none when a container stays unknown, also if many others are', () => {
    time = 1000
    assert.equal(pods.known([id], 0, 1000), 'unknown')
    for (const digit of ['1', '2', '3', '4', '5']) pods.known([digit.repeat(64)], 0, 1000)
    time = 31_000
    assert.equal(pods.known([id], 0, 1000), 'outside')
    assert.equal(pods.known([inner], 0, 31_000), 'unknown')
  })

  describe('beside the bundle of its sandbox', () => {
    /** Creates a process in the procfs of the test. */
    function writeProcess(pid: number, comm: string, parent: number, group: string, cwd: string) {
      const folder = join(procfs, `${pid}`)
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'comm'), `${comm}\n`)
      writeFileSync(join(folder, 'stat'), `${pid} (${comm}) S ${parent} 1 1`)
      writeFileSync(join(folder, 'cgroup'), `4:memory:${group}\n`)
      symlinkSync(cwd, join(folder, 'cwd'))
    }
    let sandbox: string
    beforeEach(() => {
      const state = join(procfs, 'state')
      sandbox = join(state, outer)
      mkdirSync(sandbox, { recursive: true })
      writeBundle(state, id, xwing)
    })

    it('is found from any process below the shim', () => {
      writeProcess(20, 'containerd-shim', 1, '/system.slice', sandbox)
      writeProcess(30, 'runc) x', 20, '/system.slice', '/')
      writeProcess(40, 'sh', 30, `/kubepods/${id}`, '/')
      assert.equal(nameOf([id], [40]), 'xwing')
    })

    it('is found from a process whose ancestors have ended since it was seen', () => {
      writeProcess(20, 'containerd-shim', 1, '/system.slice', sandbox)
      // `runc init` belongs to the shim as soon as the process that started it has ended.
      writeProcess(40, 'node', 20, `/kubepods/${id}`, '/')
      assert.equal(nameOf([id], [30]), undefined)
      time += 1000
      assert.equal(nameOf([id], [30, 40]), 'xwing')
    })

    it('is not found from a process that calls itself the shim', () => {
      writeProcess(20, 'containerd-shim', 1, `/kubepods/${id}/below`, sandbox)
      assert.equal(nameOf([id], [20]), undefined)
      rmSync(join(procfs, '20'), { recursive: true })
      writeProcess(20, 'containerd-shim', 1, '/', join(procfs, 'state'))
      time += 100
      assert.equal(nameOf([id], [20]), undefined)
      rmSync(join(procfs, '20'), { recursive: true })
      time += 1000
      assert.equal(nameOf([id], [20, 0]), undefined)
    })

    it('is looked up once if the ancestors form a cycle', () => {
      writeProcess(20, 'sh', 30, '/', '/')
      writeProcess(30, 'sh', 20, '/', '/')
      assert.equal(nameOf([id], [20]), undefined)
      assert.equal(nameOf([inner], Array(1e6).fill(20)), undefined)
    })
  })
})
