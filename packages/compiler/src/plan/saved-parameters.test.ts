import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Btf, BtfBuilder } from '@tetragon-ts/ebpf/btf'
import { policyOf } from '../testing/index.ts'
import type { ValueName } from './hook-record.ts'
import { savedParameters } from './saved-parameters.ts'

const btf = Btf.parse(new BtfBuilder().bytes())

function saved(args: string, rereads: readonly ValueName[] = []): readonly number[] {
  const [hook] = policyOf(`kprobes:\n- call: f\n  syscall: false\n  args: ${args}`).hooks
  return savedParameters(hook, rereads, btf)
}

describe('savedParameters', () => {
  it('are those of copies at the return, with their lengths', () => {
    assert.deepEqual(saved('[{index: 0, type: int}, {index: 1, type: string}]'), [])
    assert.deepEqual(saved('[{index: 1, type: string, returnCopy: true}]'), [1])
    const buffer = '[{index: 1, type: char_buf, sizeArgIndex: 3, returnCopy: true}]'
    assert.deepEqual(saved(buffer), [1, 2])
  })

  it('include those of values that are read again, each once', () => {
    const args = '[{index: 0, type: string}, {index: 2, type: string, returnCopy: true}]'
    assert.deepEqual(saved(args, ['a0']), [2, 0])
    assert.deepEqual(saved(args, ['a1']), [2])
  })
})
