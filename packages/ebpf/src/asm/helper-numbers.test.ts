import assert from 'node:assert/strict'
import { test } from 'node:test'
import { helper, helperName } from './helper-numbers.ts'

test('names and numbers lead to each other, without a gap from 1 to 211', () => {
  const numbers: number[] = Object.values(helper)
  assert.deepEqual(
    numbers,
    Array.from({ length: 211 }, (_, index) => index + 1),
  )
  for (const [name, number] of Object.entries(helper)) {
    assert.equal(helperName(number), `bpf_${name}`)
  }
  assert.equal(helperName(0), undefined)
  assert.equal(helperName(212), undefined)
})
