import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VerifierError } from '@tetragon-ts/ebpf/programs'
import { SystemCallError } from '@tetragon-ts/ebpf/sys'
import { describeError } from './describe-error.ts'

const log = `${Array.from({ length: 50 }, (_, i) => `${i}: (b7) r0 = ${i}`).join('\n')}\nR1 invalid\n`
const cause = new SystemCallError('load program x', 13)
const error = new VerifierError('x', cause, log, () => 'exec.ts:5:1')

function lines(text: string): number {
  return text.split('\n').length
}

describe('an error of the verifier', () => {
  it('is shown with no lines of its log, with some, with all', () => {
    assert.match(
      describeError(error, 'none'),
      /^load program x: EACCES.*: R1 invalid\n {2}at exec\.ts:5:1 /,
    )
    assert.equal(lines(describeError(error, 'none')), 2)
    assert.equal(lines(describeError(error, 'end')), 2 + 20)
    assert.equal(lines(describeError(error, 'all')), 2 + 51)
  })

  it('is distinguished from others, which are shown unchanged', () => {
    assert.equal(describeError(new Error('a\n  | b'), 'none'), 'a\n  | b')
  })
})
