import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { probe } from '@tetragon-ts/ebpf/features'
import { Collection } from '@tetragon-ts/ebpf/lang'
import { Dispatchers } from './backends/syscall-dispatcher.ts'
import { policyTarget, runningKernel } from './kernel.ts'

it('an attach method disabled by the operator is refused', () => {
  const btf = Btf.open()
  using collection = new Collection(policyTarget(btf))
  const kernel = runningKernel(btf, new Dispatchers(collection), undefined, ['kprobe_multi'])
  assert.match(kernel.refuses('kprobe_multi')?.reason ?? '', /switched off by an option/)
  assert.equal(kernel.refuses('raw_tp'), undefined)
  assert.equal(kernel.refuses('kprobe') === undefined, probe('kprobe').answer === 'yes')
})
