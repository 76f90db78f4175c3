import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { probe } from '@tetragon-ts/ebpf/features'
import { Int, program, type Target, tpBtf } from '@tetragon-ts/ebpf/lang'
import { TaskStruct } from '@tetragon-ts/sensors/kernel/types'
import { policyTarget } from '../testing/index.ts'
import { asPointer, type Raw, untrusted } from './hit.ts'

const btf = Btf.open()

/**
 * The type that a program for this target sees for its argument, after the kernel has accepted it.
 */
function takenFor(target: Target): 'number' | 'pointer' {
  let taken: 'number' | 'pointer' | undefined
  using collection = new Collection(target)
  collection.load(
    program('argument', tpBtf<[Raw]>('sched_process_exit'), (k, argument) => {
      const raw = untrusted(k, argument)
      taken = raw instanceof Int ? 'number' : 'pointer'
      k.when(asPointer(k, raw, TaskStruct).tgid.eq(0), k.exit)
    }),
  )
  return taken ?? assert.fail('the program was not built')
}

it('an argument is followed as a number unless the kernel guards loads through it', () => {
  const { guardedArguments, ...target } = policyTarget(btf)
  assert.equal(takenFor(target), 'number')
  assert.equal(takenFor({ ...target, guardedArguments: false }), 'number')
  assert.equal(guardedArguments, probe('guarded_arguments').answer === 'yes')
  assert.equal(takenFor({ ...target, guardedArguments }), guardedArguments ? 'pointer' : 'number')
})

it('types that lack a function do not make an argument trusted', () => {
  const find: Btf['find'] = (name, kind) =>
    name === 'bpf_rdonly_cast' ? undefined : btf.find(name, kind)
  const lacking = new Proxy(btf, {
    get(target, name) {
      if (name === 'find') return find
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const target = { ...policyTarget(btf), btf: lacking, directReads: false, openReads: false }
  const { answer } = probe('guarded_arguments')
  assert.equal(takenFor(target), answer === 'yes' ? 'pointer' : 'number')
})

it('kernels that trust arguments are recognized', () => {
  const { answer, reason } = probe('guarded_arguments')
  assert.notEqual(answer, 'unknown', reason)
  // Both were added in Linux 6.2.
  if (probe('direct_reads').answer === 'yes') assert.equal(answer, 'no', reason)
})
