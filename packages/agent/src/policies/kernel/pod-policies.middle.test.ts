import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { noCounts } from '@tetragon-ts/compiler'
import { nestedGroups, outerGroups } from '@tetragon-ts/sensors'
import { repeats } from '../../testing/index.ts'
import { below, cd, idOf, podPolicy, postedBy, webPods } from '../../testing/pod-hits.ts'
import { mount, PodRun } from '../../testing/pod-run.ts'
import { type FakeContainer, runInGroup } from '../../workloads/testing/fake-container.ts'

describe('policies that select workloads', { skip: !mount && 'no cgroup mount' }, () => {
  let pods: PodRun
  before(async () => {
    pods = await PodRun.start()
  })
  afterEach(() => pods?.clear())
  after(() => pods?.stop())

  it('decide about the first hit of the first process of each new container', async () => {
    await pods.load(podPolicy(webPods))
    const count = repeats(60, 8)
    const expected: string[] = []
    const paths = await postedBy(pods, async () => {
      for (let i = 0; i < count; i++) {
        const isSelected = i % 3 === 0
        const labels = { app: isSelected ? 'web' : 'db' }
        const container = pods.containers.create({ name: `pod-${i}`, labels })
        // The watch of the API server may be behind.
        if (i % 2 === 0) pods.report(container.pod)
        runInGroup(container.group, cd(`first-${i}`))
        if (i % 2 === 1) pods.report(container.pod)
        if (isSelected) expected.push(`/no-pod/first-${i}`)
        // The server of the API runs in this thread.
        await setImmediate()
      }
    })
    // The last ones may still wait for the API server.
    const found = [...paths]
    while (found.length < expected.length) {
      found.push(...(await postedBy(pods, async () => pods.settled())))
    }
    await pods.settled()
    found.push(...(await postedBy(pods, () => {})))
    assert.deepEqual(found.sort(), expected.sort())
  })

  it('apply to groups that processes of the pod create', async () => {
    const [own, other] = [
      await pods.known({ labels: { app: 'web' } }),
      await pods.known({ labels: { app: 'db' } }),
    ]
    await pods.load(podPolicy(webPods))
    const inside = `G=$(ls -d GROUP); mkdir $G/inner $G/inner/deep; echo 0 > $G/inner/deep/cgroup.procs
      ${cd('MARK')}; echo 0 > $G/cgroup.procs; rmdir $G/inner/deep $G/inner`
    const paths = await postedBy(pods, () => {
      for (const [mark, { group }] of Object.entries({ own, other })) {
        runInGroup(group, inside.replace('GROUP', group).replace('MARK', mark))
      }
    })
    assert.deepEqual(paths, ['/no-pod/own'])
    // A pod cannot hide in a group with the name of another container, or claim its pod.
    const disguised = await postedBy(pods, () => {
      const hide = (from: FakeContainer, to: FakeContainer, mark: string): void => {
        const group = join(from.group, to.id)
        const script = `mkdir ${group}; echo 0 > ${group}/cgroup.procs; ${cd(mark)}
          echo 0 > ${from.group}/cgroup.procs; rmdir ${group}`
        runInGroup(from.group, script)
      }
      hide(own, other, 'hidden')
      hide(other, own, 'claimed')
    })
    assert.deepEqual(disguised, ['/no-pod/hidden'])
  })

  it('search for outer groups only while there are groups inside of a pod', async () => {
    await pods.load(podPolicy(webPods))
    const container = await pods.known({ labels: { app: 'web' } })
    const { collection } = (await pods.run.agent.policies()).workloads
    assert.ok(collection)
    const outer = collection.map(outerGroups)
    const id = idOf(container.group)
    const isOuter = (): boolean => outer.lookup(id) !== undefined
    const counted = (): number => Number(collection.map(nestedGroups).lookup(0)?.outer)
    const assertCounted = (): void => {
      // Other tests may add a group between both.
      const isEqual = (): boolean => counted() === [...outer.keys()].length
      assert.ok(Array.from({ length: 100 }, isEqual).includes(true), `${counted()}`)
    }
    assert.equal(isOuter(), false)
    const nested = ['a', 'b'].map((name) => pods.containers.makeGroup(below(container, name)))
    assert.equal(isOuter(), true)
    assertCounted()
    for (const group of nested) pods.containers.removeGroup(group)
    const again = pods.containers.makeGroup(below(container, 'a'))
    assert.equal(isOuter(), true)
    assert.deepEqual(await postedBy(pods, () => runInGroup(again, cd('again'))), ['/no-pod/again'])
    pods.containers.clear()
    assert.equal(isOuter(), false)
    assertCounted()
  })

  it('select by workload in selectors, with counters', async () => {
    const prefix = 'matchArgs: [{index: 0, operator: Prefix, values: ["/no-pod/"]}]'
    const selector = `- ${prefix}
  matchWorkloads: {podSelector: {matchLabels: {app: quiet}}}
  matchActions: [{action: NoPost}]
- ${prefix}
  matchWorkloads: {podSelector: {matchLabels: {app: web}}}`
    const policyLoaded = await pods.load(podPolicy('', { selector }))
    const ready = await pods.known({ labels: { app: 'web' } })
    const apps = ['quiet', 'web', 'db']
    const late = apps.map((app) => pods.containers.create({ name: app, labels: { app } }))
    const paths = await postedBy(pods, async () => {
      late.forEach(({ group }, i) => {
        runInGroup(group, `${cd(`${apps[i]}-1`)}; ${cd(`${apps[i]}-2`)}`)
      })
      runInGroup(ready.group, cd('ready'))
      for (const { pod } of late) pods.report(pod)
      await pods.settled()
    })
    assert.deepEqual(paths.sort(), ['/no-pod/ready', '/no-pod/web-1', '/no-pod/web-2'])
    const { hooks } = policyLoaded.compiled.document.policy
    while (policyLoaded.counts(hooks[0])[1].post < 3) await sleep(5)
    assert.deepEqual(policyLoaded.counts(hooks[0]), [
      { ...noCounts, nopost: 2 },
      { ...noCounts, post: 3 },
    ])
  })

  it('store for later hits what any selector asks for that may apply', async () => {
    const of = (app: string, actions: string) => `
    - matchArgs: [{index: 1, operator: Prefix, values: ["none-"]}]
      matchWorkloads: {podSelector: {matchLabels: {app: ${app}}}}
      matchActions: [${actions}{action: NoPost}]`
    await pods.load(`apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: pods}
spec:
  kprobes:
  - call: sys_unlinkat
    syscall: true
    args: [{index: 0, type: int}, {index: 1, type: string}]
    selectors:${of('db', '')}${of('web', '{action: FollowFD, argFd: 0, argName: 1}, ')}
  - call: sys_close
    syscall: true
    args: [{index: 0, type: fd}]
`)
    const late = pods.containers.create({ labels: { app: 'web' } })
    const parent = join(pods.run.folder, 'followed')
    const remove = `mkdir ${parent}; touch ${parent}/none-a; rm -r ${parent}`
    const closed = (): string[] =>
      pods.run.events.flatMap(({ key, body }) => {
        const { args = [] } = body as { args?: readonly { file_arg?: { path?: string } }[] }
        return key === 'process_kprobe' ? [args[0]?.file_arg?.path ?? ''] : []
      })
    const before = closed().length
    await postedBy(pods, async () => {
      runInGroup(late.group, remove)
      pods.report(late.pod)
      await pods.settled()
    })
    assert.deepEqual(closed().slice(before), ['none-a'])
  })

  it('filter the execs of the workloads that they select', async () => {
    const [web, db] = [
      await pods.known({ labels: { app: 'web' } }),
      await pods.known({ labels: { app: 'db' } }),
    ]
    const execs = async (kind: string, fields: string): Promise<string[]> => {
      await pods.load(`apiVersion: cilium.io/v1alpha1
kind: ${kind}
metadata: {name: filter, namespace: ${web.pod.metadata.namespace}}
spec:
  ${fields}
  processes:
  - selectors:
    - matchBinaries: [{operator: In, values: [/bin/true, /usr/bin/true]}]
      matchActions: [{action: NoPost}]
`)
      // Before a group has its first process, its pod is not known, and all execs are posted.
      await postedBy(pods, () => runInGroup(web.group, ':'))
      const since = pods.run.events.length
      runInGroup(web.group, '/bin/true of-web')
      runInGroup(db.group, '/bin/true of-db')
      await pods.run.finish(pods.run.spawn('/bin/true', []))
      await pods.unload()
      return pods.run.events.slice(since).flatMap(({ key, body }) => {
        const { process } = body as { process?: { arguments?: string } }
        return key === 'process_exec' ? (/^of-\w+$/.exec(process?.arguments ?? '') ?? []) : []
      })
    }
    assert.deepEqual(await execs('TracingPolicy', webPods), ['of-db'])
    assert.deepEqual(await execs('TracingPolicyNamespaced', webPods), ['of-db'])
    assert.deepEqual(await execs('TracingPolicy', 'podSelector: {matchLabels: {app: none}}'), [
      'of-web',
      'of-db',
    ])
  })

  it('decide about calls with their return', async () => {
    const more = '    return: true\n    returnArg: {index: 0, type: int}'
    const policyLoaded = await pods.load(podPolicy(webPods, { more }))
    const late = pods.containers.create({ labels: { app: 'web' } })
    const paths = await postedBy(pods, async () => {
      runInGroup(late.group, cd('returns'))
      pods.report(late.pod)
      await pods.settled()
    })
    assert.deepEqual(paths, ['/no-pod/returns'])
    const event = pods.run.events.findLast(({ key }) => key === 'process_kprobe')
    const body = event?.body as { return?: unknown } | undefined
    assert.deepEqual(body?.return, { int_arg: -2 })
    const { hooks } = policyLoaded.compiled.document.policy
    while (policyLoaded.counts(hooks[0])[0].post < 1) await sleep(5)
    assert.deepEqual(policyLoaded.counts(hooks[0]), [{ ...noCounts, post: 1 }])
  })

  it('leave nothing behind: groups, sets and programs', async () => {
    const { workloads } = await pods.run.agent.policies()
    assert.equal(workloads.collection, undefined)
    await pods.load(podPolicy(webPods))
    const container = await pods.known({ labels: { app: 'web' } })
    const id = idOf(container.group)
    runInGroup(container.group, cd('x'))
    assert.equal(workloads.has(id), true)
    pods.containers.removeGroup(container.group)
    assert.equal(workloads.has(id), false)
    await pods.unload()
    assert.equal(workloads.collection, undefined)
  })
})
