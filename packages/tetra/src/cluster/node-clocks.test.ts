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
    clocks = new NodeClocks(500, (node, ms) => reports.push(`${node} ${ms}`))
  })

  it('that agree are not corrected, whatever the clock of this machine', () => {
    for (const shift of [0, 86_400_000]) {
      clocks = new NodeClocks(500, (node) => reports.push(node))
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

  it('that are less ahead are corrected, too: other events would be late', () => {
    for (let now = start; now < start + 3000; now += 100) {
      for (const node of ['a', 'b', 'c']) clocks.correct(node, ns(now), now)
      assert.equal(clocks.correct('fast', ns(now + 4000), now), ns(now))
      // Less than events wait for each other.
      assert.equal(clocks.correct('near', ns(now + 400), now), ns(now + 400))
    }
    assert.deepEqual(reports, [])
  })

  it('keep the order of the events of a node when the common clock changes', () => {
    const times: bigint[] = []
    const send = (node: string, now: number) => times.push(clocks.correct(node, ns(now), now))
    clocks.correct('fast', ns(start + 10_000), start)
    times.length = 0
    send('own', start)
    // Most clocks are behind: from now on they are the common clock.
    for (const node of ['x', 'y', 'z', 'w']) clocks.correct(node, ns(start - 9000), start)
    send('own', start + 1)
    send('own', start + 2)
    assert.deepEqual(times, [...times].sort())
    // An event that its node sent late stays before the others.
    const earlier = clocks.correct('own', ns(start - 100), start + 3)
    assert.ok(earlier < times[0]!)
  })

  it('are compared with the median, however many there are', () => {
    const ahead = new Map<string, number>()
    for (let i = 0; i < 500; i++) {
      const node = `node-${(i * 7) % 50}`
      const shift = (i * 7919) % 20_011
      ahead.set(node, Math.max(ahead.get(node) ?? 0, shift))
      const sorted = [...ahead.values()].sort((a, b) => a - b)
      const difference = ahead.get(node)! - sorted[(sorted.length - 1) >> 1]!
      const isRight = difference >= -5000 && difference <= 500
      const shifted = ns(start + shift - (isRight ? 0 : difference))
      const corrected = clocks.correct(node, ns(start + shift), start)
      // The order of the events of a node is kept.
      assert.ok(corrected === shifted || (corrected > shifted && shift === ahead.get(node)))
    }
  })

  it('are compared by the events with the least delay', () => {
    const minute = 60_000
    for (const node of ['a', 'b', 'c']) clocks.correct(node, ns(start), start)
    // An event that has waited for its pod keeps its time: it is late.
    assert.equal(clocks.correct('a', ns(start - minute), start), ns(start - minute))
  })
})
