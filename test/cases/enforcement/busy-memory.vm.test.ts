import assert from 'node:assert/strict'
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

  /** Exit statuses of the programs: while memory is in use, and afterwards. */
  async function statuses(text: string, script: string) {
    const loaded = await run.load(text)
    const statusOf = (program: string) => run.spawn(program, ['-c', script]).ended
    const both = async () => ({ named: await statusOf(named), other: await statusOf(other) })
    await setBusy(run, true)
    const busy = await both().finally(() => setBusy(run, false))
    const free = await both()
    await run.unload(loaded)
    return { busy, free }
  }

  const cgroup = probe('cgroup_sock_addr')
  it('concern only what a selector matches', {
    skip: cgroup.answer !== 'yes' && cgroup.reason,
  }, async () => {
    // Not the port of the listener.
    const selectors = Array.from(
      { length: many },
      (_, i) => `
  - matchBinaries: [{operator: In, values: [${named}]}]
    matchArgs: [{index: 1, operator: SPort, values: ["${i + 1}"]}]
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
    assert.deepEqual([busy, free], Array(2).fill({ named: 0, other: 0 }))
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
