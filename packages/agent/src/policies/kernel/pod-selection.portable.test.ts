import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chownSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { noCounts } from '@tetragon-ts/compiler'
import { PolicyRun } from '../../testing/index.ts'
import { below, cd, idOf, podPolicy, postedBy, webPods } from '../../testing/pod-hits.ts'
import { mount, PodRun } from '../../testing/pod-run.ts'
import { type FakeContainer, runInGroup } from '../../workloads/testing/fake-container.ts'
import { PolicyError } from './policy-error.ts'

describe('policies that select workloads', { skip: !mount && 'no cgroup mount' }, () => {
  let pods: PodRun
  before(async () => {
    pods = await PodRun.start()
  })
  afterEach(() => pods?.clear())
  after(() => pods?.stop())

  it('do not apply to the host, unless they select it', async () => {
    const [selected, other] = [
      await pods.known({ labels: { app: 'web' } }),
      await pods.known({ labels: { app: 'db' } }),
    ]
    const hits = (): void => {
      runInGroup(selected.group, cd('selected'))
      runInGroup(other.group, cd('other'))
      runInGroup(pods.containers.makeGroup('system.slice'), cd('host'))
    }
    const cases: Readonly<Record<string, readonly string[]>> = {
      [webPods]: ['selected'],
      'podSelector: {}': ['selected', 'other'],
      'containerSelector: {}': ['selected', 'other'],
      'hostSelector: {}': ['host'],
      [`${webPods}\nhostSelector: {}`]: ['selected', 'host'],
      'podSelector: {}\nhostSelector: {}\ncontainerSelector: {}': ['selected', 'other', 'host'],
      'podSelector: {matchLabels: {"k8s:io.kubernetes.pod.namespace": default}}': [
        'selected',
        'other',
      ],
      'podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}': ['other'],
      'containerSelector: {matchLabels: {name: main}}': ['selected', 'other'],
      'containerSelector: {matchLabels: {repo: docker.io/library/busybox}}': ['selected', 'other'],
      'containerSelector: {matchLabels: {name: sidecar}}': [],
    }
    for (const [fields, expected] of Object.entries(cases)) {
      await pods.load(podPolicy(fields))
      const paths = await postedBy(pods, hits)
      assert.deepEqual(
        paths,
        expected.map((mark) => `/no-pod/${mark}`),
        fields,
      )
      await pods.unload()
    }
  })

  it('of a namespace apply to its pods only', async () => {
    const [own, other] = [
      await pods.known({ namespace: 'a' }),
      await pods.known({ namespace: 'b' }),
    ]
    const kind = 'TracingPolicyNamespaced'
    await pods.load(podPolicy('podSelector: {}', { kind, namespace: 'a' }))
    const paths = await postedBy(pods, () => {
      runInGroup(other.group, cd('b'))
      runInGroup(own.group, cd('a'))
      runInGroup(pods.containers.makeGroup('system.slice'), cd('host'))
    })
    assert.deepEqual(paths, ['/no-pod/a'])
  })

  it('follow the labels of a running pod', async () => {
    const container = await pods.known({ labels: { app: 'db' } })
    const { metadata } = container.pod
    await pods.load(podPolicy(webPods))
    const nested = pods.containers.makeGroup(below(container, 'nested'))
    const relabel = async (app: string): Promise<void> => {
      pods.report({ metadata: { ...metadata, labels: { app } } })
      await pods.settled()
    }
    const hits = (mark: string) => () => {
      runInGroup(container.group, cd(mark))
      runInGroup(nested, cd(`${mark}-nested`))
    }
    assert.deepEqual(await postedBy(pods, hits('before')), [])
    await relabel('web')
    assert.deepEqual(await postedBy(pods, hits('during')), [
      '/no-pod/during',
      '/no-pod/during-nested',
    ])
    await relabel('db')
    assert.deepEqual(await postedBy(pods, hits('after')), [])
  })

  it('need no entries for groups inside a pod, so that it cannot fill the table', async () => {
    const inside = (container: FakeContainer, ...path: string[]): string =>
      pods.containers.makeGroup(below(container, ...path))
    // Its own group has no process.
    const early = await pods.known({ labels: { app: 'web' } })
    const shell = pods.run.spawn('/bin/sh', [
      '-c',
      `echo 0 > ${inside(early, 'x')}/cgroup.procs; echo in; read go`,
    ])
    while (!shell.output.includes('in')) await sleep(5)
    await pods.load(podPolicy(webPods))
    const policies = await pods.run.agent.policies()
    const [own, other] = [
      await pods.known({ labels: { app: 'web' } }),
      await pods.known({ labels: { app: 'db' } }),
    ]
    const late = pods.containers.create({ labels: { app: 'web' } })
    // Its pod is known, but not yet its labels.
    runInGroup(late.group, '/bin/true')
    await pods.settled()
    const marks = ['own', 'other', 'late', 'early']
    const containers = [own, other, late, early]
    const nested = containers.map((each) => inside(each, 'a', 'f'.repeat(64), 'c'))
    /** Only of these groups: other tests have containers, too. */
    const entries = (): readonly boolean[] =>
      [...containers.map(({ group }) => group), ...nested].map((group) =>
        policies.workloads.has(idOf(group)),
      )
    const onlyContainers = [true, true, true, true, false, false, false, false]
    assert.deepEqual(entries(), onlyContainers)
    const enter = (): void => {
      nested.forEach((group, i) => {
        runInGroup(group, cd(marks[i]))
      })
      runInGroup(pods.containers.makeGroup('system.slice'), cd('host'))
    }
    assert.deepEqual(await postedBy(pods, enter), ['/no-pod/own', '/no-pod/early'])
    const later = await postedBy(pods, async () => {
      pods.report(late.pod)
      await pods.settled()
    })
    assert.deepEqual(later, ['/no-pod/late'])
    assert.deepEqual(entries(), onlyContainers)
    shell.child.stdin?.end('go\n')
    await pods.run.finish(shell)
  })

  it('do not take a group of a user for a container', async () => {
    const container = await pods.known({ labels: { app: 'web' } })
    const session = pods.containers.makeGroup('user.slice')
    chownSync(session, 1000, 1000)
    const host = await pods.run.load(
      podPolicy('hostSelector: {}').replace('name: pods', 'name: host'),
    )
    try {
      await pods.load(podPolicy(webPods))
      const disguised = pods.containers.makeGroup(join('user.slice', container.id, 'inner'))
      assert.deepEqual(await postedBy(pods, () => runInGroup(disguised, cd('user'))), [
        '/no-pod/user',
      ])
      const event = pods.run.events.findLast(({ key }) => key === 'process_kprobe')
      const body = event?.body as { policy_name: string; process: { pod?: unknown } } | undefined
      assert.equal(body?.policy_name, 'host')
      assert.equal(body.process.pod, undefined)
      runInGroup(container.group, '/bin/true')
    } finally {
      await pods.run.unload(host)
    }
  })

  it('apply to containers that were there before them', async () => {
    const container = await pods.known({ labels: { app: 'web' } })
    const shell = pods.run.spawn('/bin/sh', [
      '-c',
      `echo 0 > ${container.group}/cgroup.procs; echo in; read go; ${cd('early')}`,
    ])
    while (!shell.output.includes('in')) await sleep(5)
    await pods.load(podPolicy(webPods))
    shell.child.stdin?.end('go\n')
    const events = await pods.run.finish(shell)
    assert.deepEqual(
      events.map(({ args }) => args[0]?.string_arg),
      ['/no-pod/early'],
    )
  })

  it('hold hits back until the labels are known, without delaying other pods', async () => {
    await pods.load(podPolicy(webPods))
    const ready = await pods.known({ labels: { app: 'web' } })
    const [late, unselected] = [
      pods.containers.create({ name: 'late', labels: { app: 'web' } }),
      pods.containers.create({ name: 'unselected', labels: { app: 'db' } }),
    ]
    const paths = await postedBy(pods, () => {
      for (const mark of ['a', 'b', 'c']) {
        runInGroup(late.group, `exec /bin/sh -c '${cd(mark)}'`)
      }
      runInGroup(unselected.group, cd('never'))
      runInGroup(ready.group, cd('ready'))
    })
    assert.deepEqual(paths, ['/no-pod/ready'])
    const later = await postedBy(pods, async () => {
      pods.report(unselected.pod)
      pods.report(late.pod)
      await pods.settled()
    })
    assert.deepEqual(later, ['/no-pod/a', '/no-pod/b', '/no-pod/c'])
    const event = pods.run.events.findLast(({ key }) => key === 'process_kprobe')
    const body = event?.body as { process: { pod?: { pod_labels?: unknown } } } | undefined
    assert.deepEqual(body?.process.pod?.pod_labels, { app: 'web' })
    const [counts] = pods.loaded?.counts(pods.loaded.compiled.document.policy.hooks[0]) ?? []
    assert.deepEqual(counts, { ...noCounts, post: 4 })
  })

  it('find the pod by the control group if the files of the container are gone', async () => {
    await pods.load(podPolicy(webPods))
    const { group, pod } = await pods.known({ hasBundle: false, labels: { app: 'web' } })
    const other = await pods.known({ hasBundle: false, labels: { app: 'db' } })
    const paths = await postedBy(pods, () => {
      runInGroup(other.group, cd('other'))
      runInGroup(group, `exec /bin/sh -c '${cd('web')}'`)
    })
    assert.deepEqual(paths, ['/no-pod/web'])
    const event = pods.run.events.findLast(({ key }) => key === 'process_kprobe')
    const body = event?.body as { process: { pod?: { name?: string } } } | undefined
    assert.equal(body?.process.pod?.name, pod.metadata.name)
  })

  it('post and count hits of pods that stay unknown', async () => {
    await pods.withImpatientAgent(async () => {
      const host = await pods.run.load(
        podPolicy('hostSelector: {}').replace('name: pods', 'name: host'),
      )
      await pods.load(podPolicy(webPods))
      const unknown = pods.containers.create({ labels: { app: 'web' } })
      const outside = pods.containers.makeGroup(randomBytes(32).toString('hex'))
      const paths = await postedBy(pods, async () => {
        runInGroup(unknown.group, cd('unknown'))
        runInGroup(outside, cd('outside'))
        while (pods.run.agent.counters.get('undecidedPods') === 0) await sleep(5)
      })
      while (paths.length < 2) paths.push(...(await postedBy(pods, () => {})))
      // A container without a pod belongs to the host.
      assert.deepEqual(paths.sort(), ['/no-pod/outside', '/no-pod/unknown'])
      assert.equal(pods.run.agent.counters.get('undecidedPods'), 1)
      await pods.run.unload(host)
      await pods.unload()
    })
  })

  it('are refused without the options that they need', async () => {
    const plain = await PolicyRun.start('--enable-policy-filter=false')
    try {
      const both = /requires --enable-k8s-api and --enable-policy-filter of the agent/
      await assert.rejects(plain.load(podPolicy(webPods)), (error) => {
        assert.ok(error instanceof PolicyError, String(error))
        assert.match(error.message, both)
        return true
      })
    } finally {
      await plain.stop()
    }
  })
})
