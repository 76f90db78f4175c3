import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SystemCallError } from '../sys/index.ts'
import { VerifierError } from './verifier-error.ts'

const cause = new SystemCallError('load program x', 22)

test('the reason is the last line that is not bookkeeping', () => {
  const log = [
    'func#0 @0',
    '0: R1=ctx() R10=fp0',
    '0: (85) call bpf_get_socket_cookie#46',
    'program of this type cannot use helper bpf_get_socket_cookie#46',
    'verification time 12 usec',
    'stack depth 0',
    'processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0',
    '',
  ].join('\n')
  const error = new VerifierError('x', cause, log)
  assert.equal(error.reason, 'program of this type cannot use helper bpf_get_socket_cookie#46')
  assert.equal(error.slot, 0)
  assert.equal(error.position, undefined)
})

test('complaints without an instruction in front name it themselves', () => {
  const error = new VerifierError('x', cause, 'jump out of range from insn 17 to 99\n', (slot) =>
    slot === 17 ? 'a.ts:1:1' : undefined,
  )
  assert.equal(error.slot, 17)
  assert.match(error.message, /\n {2}at a\.ts:1:1 \(slot 17\)/)
})

test('only the end of a long log is in the message', () => {
  const lines = Array.from({ length: 500 }, (_, i) => `${i}: (b7) r0 = ${i}`)
  const error = new VerifierError('x', cause, lines.join('\n'))
  assert.equal(error.message.split('\n').length, 21)
  assert.equal(error.log.split('\n').length, 500)
})

test('the explanation that kernel 7 adds is shown, but is not the reason', () => {
  const log = [
    '0: (bf) r0 = r3',
    'R3 !read_ok',
    '',
    'Verification failed: Register Type Safety: Unreadable register',
    'At:',
    '  insn 7',
    'Suggestion:',
    '  Initialize R3 on every path before this instruction.',
    'processed 1 insns (limit 1000000)',
  ].join('\n')
  const error = new VerifierError('p', new SystemCallError('load program p', 13), log)
  assert.equal(error.reason, 'R3 !read_ok')
  assert.equal(error.slot, 0)
  assert.match(error.message, /\| 0: \(bf\) r0 = r3\n/)
  assert.match(error.message, /\| {3}Initialize R3 on every path/)
})
