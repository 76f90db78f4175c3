import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { type Program, program } from '@tetragon-ts/ebpf/lang'
import { array } from '@tetragon-ts/ebpf/maps'
import { u64 } from '@tetragon-ts/ebpf/records'
import { losses, lossKinds } from '@tetragon-ts/sensors/kernel/maps'
import { policyTarget } from '../testing/index.ts'
import { testRun } from '../testing/test-run.ts'
import { Scratch, scratchPool } from './scratch.ts'

const answers = array('answers', { value: u64, maxEntries: 8 })

/**
 * Borrows memory this number of times before it returns any, like programs that interrupt each
 * other.
 */
function nested(depth: number, size: number): Program {
  return program('nested', testRun, (k) => {
    const cells = Array.from({ length: depth }, (_, i) => {
      const scratch = new Scratch(k, 'tg_own')
      scratch.open()
      return scratch.take(size).cell(0, i + 1)
    })
    for (const [i, cell] of cells.entries()) {
      const answer = k.lookup(answers, i)
      k.unless(answer, k.exit)
      k.assign(answer, { value: cell.get() })
    }
  })
}

describe('memory that programs borrow', () => {
  const target = policyTarget(Btf.open())
  const busy = (collection: Collection): bigint =>
    collection.map(losses).lookup(lossKinds.indexOf('scratch_busy')) ?? 0n

  for (const exchange of new Set([target.exchange, false])) {
    it(`has one borrower at a time, ${exchange ? 'exchanged' : 'before 5.12'}`, () => {
      using collection = new Collection({ ...target, exchange })
      const loaded = collection.load(nested(4, 64))
      for (let round = 0; round < 3; round++) {
        for (let i = 0; i < 4; i++) collection.map(answers).update(i, 0n)
        loaded.testRun({ data: new Uint8Array(64) })
        const seen = [0, 1, 2, 3].map((i) => collection.map(answers).lookup(i))
        assert.deepEqual(seen, [1n, 2n, 3n, 4n])
      }
      assert.equal(busy(collection), 0n)
    })
  }

  it('runs out if too many programs are active, which is counted, and is returned by all', () => {
    using collection = new Collection(target)
    const tooDeep = collection.load(nested(5, 64))
    const all = collection.load(nested(4, 64))
    tooDeep.testRun({ data: new Uint8Array(64) })
    assert.equal(busy(collection), 1n)
    collection.map(answers).update(3, 0n)
    all.testRun({ data: new Uint8Array(64) })
    assert.equal(collection.map(answers).lookup(3), 4n)
    assert.equal(busy(collection), 1n)
  })

  it('is not shared by a program that needs very much', () => {
    using collection = new Collection(target)
    collection.load(nested(1, 64 * 1024)).testRun({ data: new Uint8Array(64) })
    assert.equal(collection.map(answers).lookup(0), 1n)
    assert.ok(!collection.maps.has(scratchPool))
    assert.ok([...collection.maps.keys()].some(({ name }) => name === 'tg_own'))
  })
})
