import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { scratchPool } from '@tetragon-ts/compiler'
import { probe } from '@tetragon-ts/ebpf/features'
import { OpenMap } from '@tetragon-ts/ebpf/open-maps'
import { possibleCpus } from '@tetragon-ts/ebpf/sys'
import { policy, refuse } from './attack.ts'
import { Listener } from './listener.ts'

/** Marks all memory of programs as in use, or as free. */
async function setBusy(run: PolicyRun, isBusy: boolean): Promise<void> {
  await run.agent.policies()
  const pool = run.agent.sharedByPolicies
    .flatMap(({ maps }) => maps.get(scratchPool) ?? [])
    .find(() => true)
  assert.ok(pool)
  const value = {
    size: pool.value.size,
    encode: (_: undefined, view: DataView, offset: number) =>
      view.setUint32(offset, isBusy ? 1 : 0, true),
    decode: () => undefined,
  }
  const raw = new OpenMap(scratchPool, pool.fd, scratchPool.key, value)
  const blocks = pool.spec.maxEntries || possibleCpus() * (pool.spec.entriesPerCpu ?? 0)
  for (let i = 0; i < blocks; i++) raw.update(i, undefined)
}

/** More selectors than programs have registers for. */
const many = 6

describe('refusals while all memory of programs is in use', () => {
  let run: PolicyRun
  let listener: Listener
  /** The program that the policies name, and another one. */
  let named: string
  let other: string
  before(async () => {
    run = await PolicyRun.start()
    listener = await Listener.start()
    named = join(run.folder, 'named')
    other = join(run.folder, 'other')
    for (const program of [named, other]) copyFileSync('/bin/bash', program)
    writeFileSync(join(run.folder, 'none'), '')
  })
  after(async () => {
    listener?.close()
    await run?.stop()
  })

  /** Exit statuses of the programs: while memory is in use, and without that. */
  async function statuses(text: string, script: string) {
    const loaded = await run.load(text)
    const statusOf = async (program: string, isBusy: boolean) => {
      // Its exec needs memory, too.
      const { child, ended } = run.spawn(program, ['-c', `echo; read line; ${script}`])
      await once(child.stdout ?? child, 'data')
      await setBusy(run, isBusy)
      child.stdin?.write('\n')
      return ended.finally(() => setBusy(run, false))
    }
    const both = async (isBusy: boolean) => ({
      named: await statusOf(named, isBusy),
      other: await statusOf(other, isBusy),
    })
    const [busy, free] = [await both(true), await both(false)]
    await run.unload(loaded)
    return { busy, free }
  }

  const cgroup = probe('cgroup_sock_addr')
  it('concern only what a selector matches', {
    skip: cgroup.answer !== 'yes' && cgroup.reason,
  }, async () => {
    // The last one names the port of the listener.
    const ports = [...Array.from({ length: many }, (_, i) => i + 1), listener.port]
    const selectors = ports.map(
      (port) => `
  - matchBinaries: [{operator: In, values: [${named}]}]
    matchArgs: [{index: 1, operator: SPort, values: ["${port}"]}]
    matchActions: [${refuse}]`,
    )
    const text = policy(
      'many',
      `
options: [{name: override-method, value: cgroup}]
kprobes:
- call: security_socket_connect
  syscall: false
  args: [{index: 1, type: sockaddr}]
  selectors:${selectors.join('')}`,
    )
    const script = `exec 3<>/dev/tcp/127.0.0.1/${listener.port}`
    const { busy, free } = await statuses(text, script)
    // Ports are read without memory.
    assert.deepEqual([busy, free], Array(2).fill({ named: 1, other: 0 }))
  })

  const lsm = probe('lsm')
  for (const count of [2, many]) {
    it(`do not come from selectors that only observe: ${count - 1}`, {
      skip: lsm.answer !== 'yes' && lsm.reason,
    }, async () => {
      const observing = `
  - matchArgs: [{index: 0, operator: Equal, values: [/none]}]`
      const text = policy(
        'observes',
        `
lsmhooks:
- hook: file_open
  args: [{index: 0, type: file}]
  selectors:
  - matchBinaries: [{operator: In, values: [${named}]}]
    matchArgs: [{index: 0, operator: Equal, values: [/none]}]
    matchActions: [${refuse}]${observing.repeat(count - 1)}`,
      )
      // Only the folder differs: that is read last.
      const { busy, free } = await statuses(text, `exec 3<'${run.folder}/none'`)
      assert.deepEqual(free, { named: 0, other: 0 })
      assert.notEqual(busy.named, 0)
      assert.equal(busy.other, 0)
    })
  }
})
