import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chownSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { noCounts } from '@tetragon-ts/compiler'
import { nestedGroups, outerGroups } from '@tetragon-ts/sensors'
import { isFull, isPart, PolicyRun, repeats } from '../../testing/index.ts'
import { mount, PodRun } from '../../testing/pod-run.ts'
import { type FakeContainer, runInGroup } from '../../workloads/testing/fake-container.ts'
import { PolicyError } from './policy-error.ts'

const fromNone = '- matchArgs: [{index: 0, operator: Prefix, values: ["/no-pod/"]}]'

/** A policy that posts each change to a folder below /no-pod. */
function policy(
  fields: string,
  { kind = 'TracingPolicy', namespace = '', selector = '', more = '' } = {},
): string {
  return `apiVersion: cilium.io/v1alpha1
kind: ${kind}
metadata:
  name: pods
${namespace && `  namespace: ${namespace}\n`}spec:
${fields.replace(/^/gm, '  ')}
  kprobes:
  - call: sys_chdir
    syscall: true
    args: [{index: 0, type: string}]
${more}
    selectors:
${(selector || fromNone).replace(/^/gm, '    ')}
`
}

/** The path of a group in a container, for `makeGroup`. */
function below({ group }: FakeContainer, ...path: string[]): string {
  return join(group.slice(group.indexOf('kubepods')), ...path)
}

/** The id of a control group. */
function idOf(group: string): bigint {
  return statSync(group, { bigint: true }).ino
}

const web = 'podSelector: {matchLabels: {app: web}}'

describe('policies that select workloads', { skip: !mount && 'no cgroup mount' }, () => {
  let pods: PodRun
  before(async () => {
    pods = await PodRun.start()
  })
  afterEach(() => pods?.clear())
  after(() => pods?.stop())

  /** Paths of the events so far, of all processes that are not this one's. */
  const posted = (): string[] =>
    pods.run.events.flatMap(({ key, body }) => {
      const { args = [] } = body as { args?: readonly { string_arg?: string }[] }
      return key === 'process_kprobe' ? [args[0]?.string_arg ?? ''] : []
    })

  /** The paths that were posted since, after all records have been read. */
  async function postedBy(hit: () => void | Promise<void>): Promise<string[]> {
    const since = posted().length
    await hit()
    await pods.run.finish(pods.run.spawn('/bin/true', []))
    return posted().slice(since)
  }

  const cd = (mark: string): string => `cd /no-pod/${mark} 2>/dev/null || :`

  it('decide about the first hit of the first process of each new container', async () => {
    await pods.load(policy(web))
    const count = repeats(60, 8)
    const expected: string[] = []
    const paths = await postedBy(async () => {
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
      found.push(...(await postedBy(async () => pods.settled())))
    }
    await pods.settled()
    found.push(...(await postedBy(() => {})))
    assert.deepEqual(found.sort(), expected.sort())
  })

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
      [web]: ['selected'],
      'podSelector: {}': ['selected', 'other'],
      'containerSelector: {}': ['selected', 'other'],
      'hostSelector: {}': ['host'],
      [`${web}\nhostSelector: {}`]: ['selected', 'host'],
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
    // The kernel only compares numbers of sets: some cases show that it does.
    const few = [web, 'hostSelector: {}', `${web}\nhostSelector: {}`]
    for (const fields of isFull ? Object.keys(cases) : few) {
      const expected = cases[fields]
      await pods.load(policy(fields))
      const paths = await postedBy(hits)
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
    await pods.load(policy('podSelector: {}', { kind, namespace: 'a' }))
    const paths = await postedBy(() => {
      runInGroup(other.group, cd('b'))
      runInGroup(own.group, cd('a'))
      runInGroup(pods.containers.makeGroup('system.slice'), cd('host'))
    })
    assert.deepEqual(paths, ['/no-pod/a'])
  })

  it('follow the labels of a running pod', async () => {
    const container = await pods.known({ labels: { app: 'db' } })
    const { metadata } = container.pod
    await pods.load(policy(web))
    const nested = pods.containers.makeGroup(below(container, 'nested'))
    const relabel = async (app: string): Promise<void> => {
      pods.report({ metadata: { ...metadata, labels: { app } } })
      await pods.settled()
    }
    const hits = (mark: string) => () => {
      runInGroup(container.group, cd(mark))
      runInGroup(nested, cd(`${mark}-nested`))
    }
    assert.deepEqual(await postedBy(hits('before')), [])
    await relabel('web')
    assert.deepEqual(await postedBy(hits('during')), ['/no-pod/during', '/no-pod/during-nested'])
    await relabel('db')
    assert.deepEqual(await postedBy(hits('after')), [])
  })

  it('apply to groups that processes of the pod create', async () => {
    const [own, other] = [
      await pods.known({ labels: { app: 'web' } }),
      await pods.known({ labels: { app: 'db' } }),
    ]
    await pods.load(policy(web))
    const inside = `G=$(ls -d GROUP); mkdir $G/inner $G/inner/deep; echo 0 > $G/inner/deep/cgroup.procs
      ${cd('MARK')}; echo 0 > $G/cgroup.procs; rmdir $G/inner/deep $G/inner`
    const paths = await postedBy(() => {
      for (const [mark, { group }] of Object.entries({ own, other })) {
        runInGroup(group, inside.replace('GROUP', group).replace('MARK', mark))
      }
    })
    assert.deepEqual(paths, ['/no-pod/own'])
    // A pod cannot hide in a group with the name of another container, or claim its pod.
    const disguised = await postedBy(() => {
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
    await pods.load(policy(web))
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
    assert.deepEqual(await postedBy(enter), ['/no-pod/own', '/no-pod/early'])
    const later = await postedBy(async () => {
      pods.report(late.pod)
      await pods.settled()
    })
    assert.deepEqual(later, ['/no-pod/late'])
    assert.deepEqual(entries(), onlyContainers)
    shell.child.stdin?.end('go\n')
    await pods.run.finish(shell)
  })

  it('search for outer groups only while there are groups inside of a pod', async () => {
    await pods.load(policy(web))
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
    assert.deepEqual(await postedBy(() => runInGroup(again, cd('again'))), ['/no-pod/again'])
    pods.containers.clear()
    assert.equal(isOuter(), false)
    assertCounted()
  })

  it('do not take a group of a user for a container', async () => {
    const container = await pods.known({ labels: { app: 'web' } })
    const session = pods.containers.makeGroup('user.slice')
    chownSync(session, 1000, 1000)
    const host = await pods.run.load(policy('hostSelector: {}').replace('name: pods', 'name: host'))
    try {
      await pods.load(policy(web))
      const disguised = pods.containers.makeGroup(join('user.slice', container.id, 'inner'))
      assert.deepEqual(await postedBy(() => runInGroup(disguised, cd('user'))), ['/no-pod/user'])
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
    await pods.load(policy(web))
    shell.child.stdin?.end('go\n')
    const events = await pods.run.finish(shell)
    assert.deepEqual(
      events.map(({ args }) => args[0]?.string_arg),
      ['/no-pod/early'],
    )
  })

  it('hold hits back until the labels are known, without delaying other pods', async () => {
    await pods.load(policy(web))
    const ready = await pods.known({ labels: { app: 'web' } })
    const [late, unselected] = [
      pods.containers.create({ name: 'late', labels: { app: 'web' } }),
      pods.containers.create({ name: 'unselected', labels: { app: 'db' } }),
    ]
    const paths = await postedBy(() => {
      for (const mark of ['a', 'b', 'c']) {
        runInGroup(late.group, `exec /bin/sh -c '${cd(mark)}'`)
      }
      runInGroup(unselected.group, cd('never'))
      runInGroup(ready.group, cd('ready'))
    })
    assert.deepEqual(paths, ['/no-pod/ready'])
    const later = await postedBy(async () => {
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
    await pods.load(policy(web))
    const { group, pod } = await pods.known({ hasBundle: false, labels: { app: 'web' } })
    const other = await pods.known({ hasBundle: false, labels: { app: 'db' } })
    const paths = await postedBy(() => {
      runInGroup(other.group, cd('other'))
      runInGroup(group, `exec /bin/sh -c '${cd('web')}'`)
    })
    assert.deepEqual(paths, ['/no-pod/web'])
    const event = pods.run.events.findLast(({ key }) => key === 'process_kprobe')
    const body = event?.body as { process: { pod?: { name?: string } } } | undefined
    assert.equal(body?.process.pod?.name, pod.metadata.name)
  })

  it('select by workload in selectors, with counters', async () => {
    const prefix = 'matchArgs: [{index: 0, operator: Prefix, values: ["/no-pod/"]}]'
    const selector = `- ${prefix}
  matchWorkloads: {podSelector: {matchLabels: {app: quiet}}}
  matchActions: [{action: NoPost}]
- ${prefix}
  matchWorkloads: {podSelector: {matchLabels: {app: web}}}`
    const policyLoaded = await pods.load(policy('', { selector }))
    const ready = await pods.known({ labels: { app: 'web' } })
    const apps = ['quiet', 'web', 'db']
    const late = apps.map((app) => pods.containers.create({ name: app, labels: { app } }))
    const paths = await postedBy(async () => {
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
    await postedBy(async () => {
      runInGroup(late.group, remove)
      pods.report(late.pod)
      await pods.settled()
    })
    assert.deepEqual(closed().slice(before), ['none-a'])
  })

  it('decide about calls with their return', async () => {
    const more = '    return: true\n    returnArg: {index: 0, type: int}'
    const policyLoaded = await pods.load(policy(web, { more }))
    const late = pods.containers.create({ labels: { app: 'web' } })
    const paths = await postedBy(async () => {
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

  it('post and count hits of pods that stay unknown', async () => {
    await pods.withImpatientAgent(async () => {
      const host = await pods.run.load(
        policy('hostSelector: {}').replace('name: pods', 'name: host'),
      )
      await pods.load(policy(web))
      const unknown = pods.containers.create({ labels: { app: 'web' } })
      const outside = pods.containers.makeGroup(randomBytes(32).toString('hex'))
      const paths = await postedBy(async () => {
        runInGroup(unknown.group, cd('unknown'))
        runInGroup(outside, cd('outside'))
        while (pods.run.agent.counters.get('undecidedPods') === 0) await sleep(5)
      })
      while (paths.length < 2) paths.push(...(await postedBy(() => {})))
      // A container without a pod belongs to the host.
      assert.deepEqual(paths.sort(), ['/no-pod/outside', '/no-pod/unknown'])
      assert.equal(pods.run.agent.counters.get('undecidedPods'), 1)
      await pods.run.unload(host)
      await pods.unload()
    })
  })

  it('leave nothing behind: groups, sets and programs', async () => {
    const { workloads } = await pods.run.agent.policies()
    assert.equal(workloads.collection, undefined)
    await pods.load(policy(web))
    const container = await pods.known({ labels: { app: 'web' } })
    const id = idOf(container.group)
    runInGroup(container.group, cd('x'))
    assert.equal(workloads.has(id), true)
    pods.containers.removeGroup(container.group)
    assert.equal(workloads.has(id), false)
    await pods.unload()
    assert.equal(workloads.collection, undefined)
  })

  it('are refused without the options that they need', async (t) => {
    if (isPart) return t.skip('it is the same on all kernels: tested on the host')
    const plain = await PolicyRun.start('--enable-policy-filter=false')
    try {
      const both = /requires --enable-k8s-api and --enable-policy-filter of the agent/
      await assert.rejects(plain.load(policy(web)), (error) => {
        assert.ok(error instanceof PolicyError, String(error))
        assert.match(error.message, both)
        return true
      })
    } finally {
      await plain.stop()
    }
  })
})
