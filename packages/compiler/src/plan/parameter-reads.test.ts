import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policyOf } from '../testing/index.ts'
import { parameterReads } from './parameter-reads.ts'

function reads(args: string) {
  return parameterReads(policyOf(`kprobes:\n- call: f\n  syscall: false\n  args: ${args}`).hooks[0])
}

test('a parameter is read with the member that is followed first', () => {
  assert.deepEqual(reads('[{index: 2, type: int}]'), [{ index: 2, member: undefined }])
  assert.deepEqual(reads('[{index: 0, type: int, resolve: a.b}]'), [{ index: 0, member: 'a' }])
})

test('the length of a buffer is read as well', () => {
  assert.deepEqual(reads('[{index: 1, type: char_buf, sizeArgIndex: 3}]'), [
    { index: 1, member: undefined },
    { index: 2 },
  ])
})
