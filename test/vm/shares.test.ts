import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TargetResult } from './case-results.ts'
import { repositoryRoot } from './repository.ts'
import { joinShares, shareMin, sharesOf } from './shares.ts'
import { slowFiles, usualSeconds } from './slow-files.ts'

const files = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ source: `${i}.ts`, compiled: `${i}.js` }))

/** Files for which two machines are worthwhile. */
const enough = Math.ceil((2 * shareMin) / usualSeconds)

describe('shares of the files of a kernel', () => {
  it('have each file once, and neighbours in different ones if they take the same time', () => {
    const all = files(enough)
    const shares = sharesOf(all, 2)
    assert.equal(shares.length, 2)
    const sorted = shares.flat().toSorted((one, other) => all.indexOf(one) - all.indexOf(other))
    assert.deepEqual(sorted, all)
    for (const share of shares) assert.ok(!share.includes(all[0]) || !share.includes(all[1]))
  })

  it('take about the same time', () => {
    const slow = Object.keys(slowFiles).map((source) => ({ source, compiled: source }))
    const seconds = sharesOf([...slow, ...files(30)], 2).map((share) =>
      share.reduce((sum, { source }) => sum + (slowFiles[source] ?? usualSeconds), 0),
    )
    assert.ok(Math.abs(seconds[0] - seconds[1]) <= usualSeconds, seconds.join(', '))
  })

  it('know files that exist', () => {
    const missing = Object.keys(slowFiles).filter((file) => !existsSync(join(repositoryRoot, file)))
    assert.deepEqual(missing, [])
  })

  it('are one for a few files, or where one machine runs at a time', () => {
    const few = files(enough - 1)
    for (const shares of [sharesOf(few, 2), sharesOf(files(500), 1), sharesOf([], 2)]) {
      assert.equal(shares.length, 1)
    }
  })

  it('become one result', () => {
    const share = (file: string): TargetResult => ({
      target: '6.12',
      release: 'r',
      durationMs: 10,
      bootMs: 1,
      processorMs: 8,
      fileMs: { [file]: 5 },
      cases: [{ type: 'case', file, name: 'it', outcome: 'passed', durationMs: 5 }],
    })
    const joined = joinShares([share('a'), share('b')])
    assert.deepEqual([joined.durationMs, joined.bootMs, joined.processorMs], [10, 1, 16])
    assert.deepEqual(joined.fileMs, { a: 5, b: 5 })
    assert.deepEqual(
      joined.cases.map(({ file }) => file),
      ['a', 'b'],
    )
  })
})
