import assert from 'node:assert/strict'
import { it } from 'node:test'
import { AsmError } from '@tetragon-ts/ebpf/asm'
import { isTooLarge } from './policy-error.ts'

it('the compiler’s error tells whether a hook is too large', () => {
  const nested = (): number => nested() + 1
  assert.throws(nested, isTooLarge)
  const message = 'assemble item 9: label end is 40000 slots away, which needs over 16 bits'
  assert.ok(isTooLarge(new AsmError('EBPF_ASM_JUMP_TOO_FAR', message)))
  assert.ok(!isTooLarge(new AsmError('EBPF_ASM_TRUNCATED', 'disassemble: it ends within one')))
  assert.ok(!isTooLarge(new Error('out of memory')))
})
