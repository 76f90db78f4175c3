import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, afterEach, before, describe, it } from 'node:test'
import { isPart } from '../../testing/guest.ts'
import { mount, PodRun } from '../../testing/pod-run.ts'
import type { FakeContainer } from '../../workloads/testing/fake-container.ts'

/** A policy that kills what changes to a folder in pods of the web. */
const killing = (...options: readonly string[]): string => `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: pods}
spec:
  podSelector: {matchLabels: {app: web}}
  options: [${options.join(', ')}]
  kprobes:
  - call: sys_chdir
    syscall: true
    args: [{index: 0, type: string}]
    selectors:
    - matchArgs: [{index: 0, operator: Equal, values: [/none]}]
      matchActions: [{action: Sigkill}]
`

const enforceUnknown = '{name: unknown-workloads, value: enforce}'

describe('policies that enforce in pods', { skip: !mount && 'no cgroup mount' }, () => {
  let pods: PodRun
  before(async () => {
    pods = await PodRun.start()
  })
  afterEach(() => pods?.clear())
  after(() => pods?.stop())

  /** What becomes of a program that a process executes as the first one in a container. */
  function attempt({ group }: FakeContainer): 'survives' | 'killed' {
    const script = `echo 0 > ${group}/cgroup.procs; exec /bin/sh -c 'cd /none; exit 7'`
    const { status, signal } = spawnSync('/bin/sh', ['-c', script], { stdio: 'ignore' })
    if (signal === 'SIGKILL') return 'killed'
    assert.equal(status, 7)
    return 'survives'
  }

  const web = { labels: { app: 'web' } }
  const db = { labels: { app: 'db' } }

  it('stop the first process of a pod that they know, and nothing else', async () => {
    await pods.load(killing())
    assert.equal(attempt(await pods.known(web)), 'killed')
    assert.equal(attempt(await pods.known(db)), 'survives')
  })

  it('let unknown pods pass until their labels are known', async () => {
    await pods.load(killing())
    const late = pods.containers.create(web)
    assert.equal(attempt(late), 'survives')
    pods.report(late.pod)
    await pods.settled()
    assert.equal(attempt(late), 'killed')
  })

  it('stop unknown pods if the policy says so, until these turn out to be others', async () => {
    await pods.load(killing(enforceUnknown))
    const [late, other] = [pods.containers.create(web), pods.containers.create(db)]
    assert.equal(attempt(late), 'killed')
    assert.equal(attempt(other), 'killed')
    for (const { pod } of [late, other]) pods.report(pod)
    await pods.settled()
    assert.equal(attempt(late), 'killed')
    assert.equal(attempt(other), 'survives')
  })

  it('say what holds for new pods, unless the runtime waits with these', async (t) => {
    if (isPart) return t.skip('it is the same on all kernels: tested on the host')
    const policies = await pods.run.agent.policies()
    const described = async (...options: readonly string[]): Promise<string> => {
      const loaded = await pods.load(killing(...options))
      const [{ hook_description = '' }] = policies.hookStatuses(loaded)
      await pods.unload()
      return hook_description
    }
    assert.match(
      await described(),
      /^sys_chdir \([^;]+; new pods are not enforced until their labels are known\)$/,
    )
    assert.match(
      await described(enforceUnknown),
      /; new pods are enforced until their labels are known\)$/,
    )
    assert.match(await described('{name: policy-mode, value: monitor}'), /^sys_chdir \([^;]+\)$/)
    await pods.reportCreation(pods.containers.create(web))
    assert.match(await described(), /^sys_chdir \([^;]+\)$/)
  })
})
