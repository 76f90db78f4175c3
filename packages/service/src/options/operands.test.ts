import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wrongOperands } from './operands.ts'

describe('operands', () => {
  for (const [usage, operands, wrong] of [
    ['', [], undefined],
    ['', ['a'], 'unexpected argument "a"'],
    ['NAME MODE', ['a'], 'MODE is missing: expected NAME MODE'],
    ['NAME MODE', ['a', 'b'], undefined],
    ['NAME MODE', ['a', 'b', 'c'], 'unexpected argument "c"'],
    ['[FILE]', [], undefined],
    ['[FILE]', ['a', 'b'], 'unexpected argument "b"'],
    ['FILE|FOLDER...', [], 'FILE|FOLDER is missing'],
    ['FILE|FOLDER...', ['a', 'b', 'c'], undefined],
    ['[NAME...]', [], undefined],
    ['[NAME...]', ['a', 'b'], undefined],
    ['[NAMESPACE/]POD', [], '[NAMESPACE/]POD is missing'],
    ['[RESOURCE[.FIELD...]]', ['a', 'b'], 'unexpected argument "b"'],
  ] as const) {
    it(`${usage || 'none'}: ${operands.length} are ${wrong === undefined ? 'right' : 'wrong'}`, () => {
      assert.equal(wrongOperands(usage, operands), wrong)
    })
  }
})
