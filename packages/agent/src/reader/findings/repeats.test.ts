import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Repeats } from './repeats.ts'

describe('repeats', () => {
  const finding = (number: number, changes: object = {}) => ({
    ...{ rule: 'a', isCritical: false, lineage: `${number}`, origin: `user ${number}`, says: '' },
    ...changes,
  })
  const flood = (repeats: Repeats, count: number, changes?: object): number => {
    let reported = 0
    for (let i = 0; i < count; i++) {
      if (repeats.report(finding(i, changes), i / 1000) !== undefined) reported++
    }
    return reported
  }

  it('have limits for a rule, for a user, and for a lineage', () => {
    assert.equal(flood(new Repeats(), 20_000), 200)
    assert.equal(flood(new Repeats(), 20_000, { origin: 'user 0' }), 20)
    const says = Array.from({ length: 20 }, (_, i) => `${i}`)
    const repeats = new Repeats()
    const found = says.filter((each) => {
      return repeats.report(finding(1, { says: each }), 0) !== undefined
    })
    assert.equal(found.length, 10)
  })

  it('of critical rules are reported more often, and not hidden by others', () => {
    const repeats = new Repeats()
    assert.equal(flood(repeats, 50_000), 200)
    assert.equal(flood(repeats, 50_000, { rule: 'b', isCritical: true }), 1000)
  })

  it('are counted once, in the next report of what has reached its limit', () => {
    const repeats = new Repeats()
    assert.equal(flood(repeats, 30, { origin: 'user 0' }), 20)
    assert.equal(flood(repeats, 5, { lineage: '0' }), 0)
    assert.equal(repeats.folded, 15)
    assert.equal(repeats.report(finding(99), 1), 0)
    assert.equal(repeats.report(finding(0), 70_000), 15)
    assert.equal(repeats.report(finding(0), 140_000), 0)
  })
})
