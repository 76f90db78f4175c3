import { Btf } from '@tetragon-ts/ebpf/btf'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { Bytes, type Code, type Condition, program } from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { u32 } from '@tetragon-ts/ebpf/records'
import { bytesCodec } from '../arguments/prefix-key.ts'
import type { CodeContext } from '../hook/code-context.ts'
import { Scratch } from '../hook/scratch.ts'
import { policyTarget } from '../running-kernel/running-kernel.ts'
import { testRun } from './test-run.ts'

const inputSize = 8192
const target = policyTarget(Btf.open())

/**
 * Builds a condition over some bytes of input, and evaluates it in the kernel for each input.
 * @param loops unrolled as on kernels without bpf_loop, even if this one has it
 */
export function answersOfKernel(
  build: (k: Code, input: Bytes, context: CodeContext) => Condition,
  inputs: readonly Uint8Array[],
  loops?: 'written out',
): boolean[] {
  const input = array('input', { value: bytesCodec(inputSize) })
  const answer = array('answer', { value: u32 })
  const run = program('condition', testRun, (k) => {
    const scratch = new Scratch(k, 'scratch')
    const context: CodeContext = { k, scratch: (size) => scratch.take(size) }
    scratch.open()
    scratch.take(8)
    const key = k.stackBytes(4)
    key.store(4, 0, 0)
    const given = k.call('map_lookup_elem', input as MapSpec, key)
    k.when(given.eq(0), k.exit)
    const result = k.lookup(answer, 0)
    k.unless(result, k.exit)
    k.when(
      build(k, new Bytes(given.builder, given.register), context),
      () => k.assign(result, { value: 1 }),
      () => k.assign(result, { value: 2 }),
    )
  })
  using collection = new Collection({ ...target, bpfLoop: target.bpfLoop && loops === undefined })
  const loaded = collection.load(run)
  return inputs.map((bytes) => {
    collection.map(input).update(0, bytes)
    collection.map(answer).update(0, 0)
    loaded.testRun({ data: new Uint8Array(64) })
    const value = collection.map(answer).lookup(0)
    if (value !== 1 && value !== 2) throw new Error('the program did not answer')
    return value === 1
  })
}
