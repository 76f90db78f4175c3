import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { it } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { probe } from '@tetragon-ts/ebpf/features'
import { runningKernel } from './running-kernel.ts'

it('an attach method disabled by the operator is refused', () => {
  const btf = Btf.open()
  const kernel = runningKernel(btf, { switchedOff: ['kprobe_multi'] })
  assert.match(kernel.refuses('kprobe_multi')?.reason ?? '', /switched off by an option/)
  assert.equal(kernel.refuses('raw_tp'), undefined)
  assert.equal(kernel.refuses('kprobe') === undefined, probe('kprobe').answer === 'yes')
})

it('programs that ftrace runs are refused while it is switched off', async (t) => {
  const file = '/proc/sys/kernel/ftrace_enabled'
  // Probed before: if a program comes or goes while ftrace is off, 6.12 disables ftrace for good.
  const kinds = (['fentry', 'kprobe', 'lsm', 'fmod_ret'] as const).filter(
    (kind) => probe(kind).answer === 'yes',
  )
  const btf = Btf.open()
  const kernel = runningKernel(btf)
  const reasons = () => kinds.map((kind) => kernel.refuses(kind)?.reason)
  assert.deepEqual(
    reasons(),
    kinds.map(() => undefined),
  )
  try {
    writeFileSync(file, '0')
  } catch (error) {
    return t.skip((error as Error).message)
  }
  try {
    await undefined // the answer holds for what runs without a pause
    const expected = 'kernel.ftrace_enabled is 0, so it would not run'
    assert.deepEqual(
      reasons(),
      kinds.map(() => expected),
    )
    assert.equal(kernel.refuses('tp_btf'), undefined)
  } finally {
    writeFileSync(file, '1')
  }
})
