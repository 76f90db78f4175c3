import assert from 'node:assert/strict'
import { it } from 'node:test'
import { formatExecId } from '@tetragon-ts/api'
import fc from 'fast-check'
import { ExecIds } from './process.ts'

const ktimes = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.bigInt({ min: 0n, max: 1n << 40n }),
  // Around 2^53, where numbers stop being exact.
  fc.bigInt({ min: (1n << 53n) - 4n, max: (1n << 53n) + 4n }),
)

it('writes what the API writes', () => {
  const nodes = fc.string({ unit: 'grapheme' })
  const pids = fc.nat(0xffff_ffff)
  const images = fc.array(fc.tuple(ktimes, pids), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(nodes, images, (node, list) => {
      const ids = new ExecIds(node)
      for (const [ktime, pid] of list) {
        const id = ids.format(Number(ktime >> 32n), Number(ktime & 0xffff_ffffn), pid)
        assert.equal(id, formatExecId({ node, ktime, pid }))
      }
    }),
    { numRuns: 500 },
  )
})
