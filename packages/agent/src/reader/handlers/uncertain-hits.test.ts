import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { recordMemory } from '@tetragon-ts/ebpf/records'
import type { Selected } from '../../workloads/policy-sets/selection.ts'
import { plainContent } from '../event-content.ts'
import { testHook } from '../testing/test-records.ts'
import { CopiedRecords } from './copied-records.ts'
import { LateCounts } from './late-counts.ts'
import { type PreparedHook, prepareHook } from './prepared-hook.ts'
import type { UncertainHit } from './uncertain-hit.ts'
import { UncertainHits } from './uncertain-hits.ts'

const copies = new CopiedRecords()

/** A hook of a policy for the set 0, or with these sets by selector. */
function hookOf(
  id: number,
  selectors: readonly (number | undefined)[] = [],
  countsAtReturn: readonly boolean[] = [],
): PreparedHook {
  const policy = selectors.length === 0 ? 0 : undefined
  const workloads = { policy, selectors, noPost: [false, true], countsAtReturn }
  const description = { ...testHook(id), workloads }
  return prepareHook(description, plainContent, recordMemory(new ArrayBuffer(0)), copies)
}

describe('hits of unknown workloads', () => {
  let states: Map<string, Selected>
  let written: string[]
  let released: number[]
  let time: number
  let counts: LateCounts
  let hits: UncertainHits
  const hook = hookOf(1)

  beforeEach(() => {
    states = new Map()
    written = []
    released = []
    time = 0
    counts = new LateCounts()
    hits = new UncertainHits(
      {
        state: (cgroup, set) => states.get(`${cgroup} ${set}`) ?? 'unknown',
        knows: (cgroup) => !released.includes(cgroup),
        released: (cgroup) => released.push(cgroup),
      },
      1000,
      counts,
      ({ entry }, selector) => written.push(`${entry.tid} ${selector}`),
      () => time,
    )
  })

  const hit = (tid: number, more: Partial<UncertainHit> = {}): UncertainHit => {
    const bytes = new Uint8Array(64)
    const entry = { pid: tid, tid, hook: 1, timeHigh: 0, timeLow: 0, bytes, entered: undefined }
    const rest = { candidates: 1, selector: 0, isSuppressed: false, leave: undefined }
    return { hook, cgroup: 7, entry, ...rest, ...more }
  }

  it('wait in order until their group is decided, others do not', () => {
    for (const tid of [1, 2]) hits.add(hit(tid))
    states.set('8 0', 'yes')
    hits.add(hit(3, { cgroup: 8 }))
    assert.deepEqual(written, ['3 0'])
    states.set('7 0', 'yes')
    hits.decide(7)
    assert.deepEqual(written, ['3 0', '1 0', '2 0'])
    assert.deepEqual(counts.take(), [{ hook: 1, selector: 0, post: 3, nopost: 0 }])
    assert.deepEqual([hits.awaits(7), hits.rest], [false, Number.POSITIVE_INFINITY])
  })

  it('are dropped if the policy does not apply', () => {
    hits.add(hit(1))
    states.set('7 0', 'no')
    hits.decide(7)
    hits.add(hit(2))
    assert.deepEqual([written, counts.take(), hits.undecided], [[], [], 0])
  })

  it('are counted, not written, if an action suppresses them', () => {
    states.set('7 0', 'yes')
    hits.add(hit(1, { isSuppressed: true }))
    assert.deepEqual(written, [])
    assert.deepEqual(counts.take(), [{ hook: 1, selector: 0, post: 0, nopost: 1 }])
  })

  it('are written and counted when they have waited for too long', () => {
    hits.add(hit(1))
    time = 900
    hits.expire()
    assert.deepEqual(written, [])
    time = 1000
    hits.expire()
    // Further hits do not wait.
    hits.add(hit(2))
    assert.deepEqual(written, ['1 0', '2 0'])
    assert.equal(hits.undecided, 2)
    assert.deepEqual(released, [7])
  })

  it('are written when they need too much memory, those of the noisiest group first', () => {
    const add = (tid: number, cgroup: number, size: number): void => {
      // With the objects of a hit.
      const bytes = new Uint8Array(size - 512)
      hits.add(hit(tid, { cgroup, entry: { ...hit(tid).entry, bytes } }))
    }
    add(1, 1, 1 << 20)
    for (let tid = 2; tid <= 17; tid++) add(tid, 2, 1 << 20)
    const noisy = Array.from({ length: 16 }, (_, i) => `${i + 2} 0`)
    assert.deepEqual(written, noisy)
    // Its further hits do not wait; those of others still do.
    add(18, 2, 1 << 20)
    add(19, 3, 1 << 20)
    assert.deepEqual(written, [...noisy, '18 0'])
    assert.deepEqual([hits.awaits(1), hits.awaits(3)], [true, true])
  })

  it('match the first selector that applies', () => {
    const both = hookOf(2, [1, 2, undefined])
    states.set('7 1', 'no')
    hits.add(hit(1, { hook: both, candidates: 0b111 }))
    assert.deepEqual(written, [])
    states.set('7 2', 'no')
    hits.decide(7)
    hits.add(hit(2, { hook: both, candidates: 0b011 }))
    assert.deepEqual(written, ['1 2'])
    // The second one has the action NoPost.
    states.set('7 2', 'yes')
    hits.add(hit(3, { hook: both, candidates: 0b111 }))
    assert.deepEqual(written, ['1 2'])
    assert.deepEqual(counts.take(), [
      { hook: 2, selector: 2, post: 1, nopost: 0 },
      { hook: 2, selector: 1, post: 0, nopost: 1 },
    ])
  })

  it('are written when their hook is removed, and at the end', () => {
    const other = hookOf(3)
    hits.add(hit(1))
    hits.add(hit(2, { hook: other }))
    hits.finish(other)
    assert.deepEqual(written, ['2 0'])
    hits.finish()
    assert.deepEqual(written, ['2 0', '1 0'])
    assert.equal(hits.undecided, 2)
  })

  it('correct what the program counted at the return', () => {
    const counted = hookOf(1, [], [true])
    const leave = { bytes: new Uint8Array(8), pieces: undefined }
    states.set('7 0', 'yes')
    hits.add(hit(1, { hook: counted, leave }))
    assert.deepEqual(counts.take(), [{ hook: 1, selector: 0, post: 0, nopost: 0 }])
    states.set('7 0', 'no')
    hits.add(hit(2, { hook: counted, leave }))
    assert.deepEqual(counts.take(), [{ hook: 1, selector: 0, post: -1, nopost: 0 }])
  })
})
