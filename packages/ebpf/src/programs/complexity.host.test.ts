import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  add,
  assemble,
  exit,
  jumpIf,
  label,
  mov,
  place,
  programType,
  r0,
  r1,
} from '../asm/index.ts'
import { loadProgram, VerifierError } from './index.ts'

test('the error of a program that is too complex has the result without the instructions', () => {
  const again = label('again')
  const loop = [place(again), add(r1, 1), jumpIf('lt', r1, 2_000_000, again)]
  const code = assemble([mov(r1, 0), ...loop, mov(r0, 0), exit()]).bytes
  assert.throws(
    () => loadProgram({ type: programType.rawTracepoint, name: 'endless', code }),
    (error) => {
      assert.ok(error instanceof VerifierError)
      assert.equal(error.errno, 'E2BIG')
      assert.match(error.reason, /^BPF program is too large\. Processed \d+ insn$/)
      assert.ok(error.log.length < 2000, error.log.slice(0, 2000))
      return true
    },
  )
})
