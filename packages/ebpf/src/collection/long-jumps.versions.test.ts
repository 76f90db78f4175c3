import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onDemand, program } from '../lang/index.ts'
import { probe } from '../testing/index.ts'
import { Collection } from './index.ts'

/** Each is an instruction or two: more than a short jump skips. */
const operations = 17_000

test('a condition skips more instructions than fit 16 bits', (t) => {
  const { answer, reason } = probe('long_jumps')
  if (answer !== 'yes') return t.skip(`long_jumps: ${reason}`)
  using collection = new Collection({ longJumps: true })
  const counted = program('counted', onDemand('first'), (k, first) => {
    const sum = k.variable(7)
    k.when(first.ne(0), () => {
      for (let i = 0; i < operations; i++) sum.set(sum.add(first))
    })
    k.exit(sum)
  })
  const loaded = collection.load(counted)
  assert.ok(loaded.info().instructions > 32_767)
  const run = (first: bigint) =>
    loaded.testRun({ context: new Uint8Array(BigUint64Array.of(first).buffer) }).returnValue
  assert.deepEqual([run(0n), run(1n)], [7, 7 + operations])
})
