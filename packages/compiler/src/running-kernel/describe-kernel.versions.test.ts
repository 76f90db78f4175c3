import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { before, describe, it } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { programKinds } from '../kernel-description/facts.ts'
import { type DescribedKernel, decodeKernel, describedKernel } from '../kernel-description/index.ts'
import { describeKernel } from './describe-kernel.ts'
import { runningKernel } from './running-kernel.ts'

const isEmulated = process.env.TETRAGON_TEST_KERNEL !== undefined

describe('the description of the running kernel', () => {
  let running: KernelView
  let file: Uint8Array
  let decoded: Awaited<ReturnType<typeof decodeKernel>>
  let described: DescribedKernel

  before(async () => {
    running = runningKernel(Btf.open())
    file = await describeKernel(running)
    decoded = await decodeKernel(file)
    described = describedKernel(decoded)
  })

  it('has at most 3 MB', () => {
    assert.ok(file.length <= 3_000_000, `${file.length} bytes`)
  })

  it('is the same again', async (t) => {
    if (isEmulated) return t.skip('it takes an emulated processor long: tested on the host')
    assert.ok(Buffer.from(file).equals(await describeKernel(running)))
  })

  it('answers as the kernel does', () => {
    const { view } = described
    for (const kind of programKinds) {
      assert.equal(view.refuses(kind) === undefined, running.refuses(kind) === undefined, kind)
    }
    assert.equal(view.preemptsPrograms, running.preemptsPrograms)
    assert.equal(view.returnDistance('kprobe'), running.returnDistance('kprobe'))
    assert.deepEqual(view.hierarchy, running.hierarchy)
    assert.equal(view.btf.endId, running.btf.endId)
    for (const group of ['sched', 'syscalls', 'raw_syscalls']) {
      assert.deepEqual(view.tracepoints(group).toSorted(), running.tracepoints(group).toSorted())
      for (const name of view.tracepoints(group).slice(0, 20)) {
        const fields = running.tracepointFields(group, name)
        assert.deepEqual(view.tracepointFields(group, name), fields, name)
      }
    }
    for (const name of ['vfs_read', 'tcp_connect', 'no_such_function']) {
      assert.equal(view.hasSymbol(name), running.hasSymbol(name), name)
      assert.equal(view.traceable?.has(name), running.traceable?.has(name), name)
    }
  })

  it('names the active security modules, wherever securityfs is mounted', () => {
    const { securityModules, securityModulesUnknown } = decoded.facts
    assert.ok(securityModules.includes('capability'), securityModules.join())
    assert.equal(securityModulesUnknown, '')
  })

  it('has no addresses, and nothing of this machine', () => {
    const { facts, functions } = decoded
    const text = JSON.stringify(facts)
    assert.doesNotMatch(text, /\bffff[0-9a-f]{12}\b/)
    assert.ok(!text.includes(process.execPath))
    const host = hostname()
    // A short name may be a part of other words.
    if (host.length > 5) assert.ok(!text.includes(host))
    for (const name of functions.symbols) assert.doesNotMatch(name, /^bpf_prog_[0-9a-f]{16}/)
  })
})
