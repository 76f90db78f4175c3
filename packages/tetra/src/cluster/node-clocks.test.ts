import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { NodeClocks } from './node-clocks.ts'

const start = Date.parse('2026-01-01T00:00:00Z')
const ns = (ms: number) => BigInt(ms) * 1_000_000n

describe('clocks of nodes', () => {
  let reports: string[]
  let clocks: NodeClocks
  beforeEach(() => {
    reports = []
    clocks = new NodeClocks((node, ms) => reports.push(`${node} ${ms}`))
  })

  it('that agree are not corrected, whatever the clock of this machine', () => {
    for (const shift of [0, 86_400_000]) {
      clocks = new NodeClocks((node) => reports.push(node))
      for (let i = 0; i < 3000; i += 500) {
        for (const [node, delay] of [
          ['a', 5],
          ['b', 3000],
          ['c', i],
        ] as const) {
          const time = ns(start + shift + i)
          assert.equal(clocks.correct(node, time, start + i + delay), time)
        }
      }
    }
    assert.deepEqual(reports, [])
  })

  it('that are ahead are corrected and reported once', () => {
    const hour = 3_600_000
    for (let i = 0; i < 3; i++) {
      const now = start + i * 100
      for (const node of ['a', 'b']) assert.equal(clocks.correct(node, ns(now), now), ns(now))
      assert.equal(clocks.correct('fast', ns(now + hour), now), ns(now))
      assert.equal(clocks.correct('slow', ns(now - hour), now), ns(now))
    }
    assert.deepEqual(reports, [`fast ${hour}`])
  })

  it('are compared by the events with the least delay', () => {
    const minute = 60_000
    for (const node of ['a', 'b', 'c']) clocks.correct(node, ns(start), start)
    // An event that has waited for its pod keeps its time: it is late.
    assert.equal(clocks.correct('a', ns(start - minute), start), ns(start - minute))
  })
})
