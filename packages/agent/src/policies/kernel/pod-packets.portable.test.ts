import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { probe } from '@tetragon-ts/ebpf/features'
import { findCgroupHierarchy } from '@tetragon-ts/sensors/process'
import { mount, PodRun } from '../../testing/pod-run.ts'

const { answer, reason } = probe('cgroup_skb')
const isVersion1 = findCgroupHierarchy(Btf.open(), '/proc').version === 1
const shell = '/bin/bash'

/** Refuses packets of pods to a port of this host. */
function policy(port: number, where: 'selector' | 'policy'): string {
  const web = 'podSelector: {matchLabels: {app: web}}'
  return `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: packets}
spec:
  ${where === 'policy' ? `${web}\n  ` : ''}options: [{name: override-method, value: cgroup}]
  kprobes:
  - call: ip_finish_output
    syscall: false
    args: [{index: 2, type: skb}]
    selectors:
    - matchArgs: [{index: 2, operator: DPort, values: ["${port}"]}]
      ${where === 'selector' ? `matchWorkloads: {${web}}\n      ` : ''}matchActions: [{action: Override, argError: -1}]
`
}

describe('packets of pods', { skip: answer !== 'yes' && reason }, () => {
  let pods: PodRun
  let receiver: Socket
  let port: number
  const received: string[] = []

  before(async () => {
    pods = await PodRun.start()
    receiver = createSocket('udp4', (message) => received.push(message.toString().trim()))
    receiver.bind(0, '127.0.0.1')
    await once(receiver, 'listening')
    port = receiver.address().port
  })
  afterEach(() => pods?.clear())
  after(async () => {
    receiver?.close()
    await pods?.stop()
  })

  /** Sends from a process that first enters a group, if any. */
  function send(text: string, group?: string): void {
    const enter = group === undefined ? '' : `echo 0 > ${group}/cgroup.procs;`
    const script = `${enter} echo ${text} > /dev/udp/127.0.0.1/${port}`
    spawnSync(shell, ['-c', script], { stdio: 'ignore' })
  }

  /** What has arrived when a last message has. */
  async function arrived(): Promise<string[]> {
    send('last')
    while (received.at(-1) !== 'last') await once(receiver, 'message')
    return received.splice(0).slice(0, -1)
  }

  it('are refused where sockets have not the groups of containers', async (t) => {
    if (!isVersion1) return t.skip('containers have version 2 control groups here')
    for (const where of ['policy', 'selector'] as const) {
      await assert.rejects(
        pods.run.load(policy(port, where)),
        /sockets have no version 1 control groups/,
      )
    }
  })

  for (const where of ['policy', 'selector'] as const) {
    it(`belong to the pod whose process made the socket: ${where}`, async (t) => {
      if (isVersion1) return t.skip('containers have version 1 control groups here')
      if (!mount || !existsSync(shell)) return t.skip(`no cgroup mount, or no ${shell}`)
      const [web, db] = [
        await pods.known({ labels: { app: 'web' } }),
        await pods.known({ labels: { app: 'db' } }),
      ]
      const inside = join(web.group.slice(web.group.indexOf('kubepods')), 'in')
      const inner = pods.containers.makeGroup(inside)
      const groups = { web: web.group, inner, db: db.group, host: undefined }
      const sendAll = () => Object.entries(groups).map(([name, group]) => send(name, group))
      sendAll()
      assert.deepEqual(await arrived(), ['web', 'inner', 'db', 'host'])
      await pods.load(policy(port, where))
      // Until the pods are known, nothing is enforced.
      do send('known', web.group)
      while ((await arrived()).length > 0)
      sendAll()
      assert.deepEqual(await arrived(), ['db', 'host'])
      await pods.unload()
      sendAll()
      assert.deepEqual(await arrived(), ['web', 'inner', 'db', 'host'])
    })
  }
})
