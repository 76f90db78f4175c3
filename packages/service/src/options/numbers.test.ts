import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BadValue } from './bad-value.ts'
import { formatDuration, readDuration } from './duration.ts'
import { readSize } from './numbers.ts'

describe('sizes', () => {
  it('have units', () => {
    for (const [text, bytes] of [
      ['0', 0],
      ['123', 123],
      ['4K', 4096],
      ['4k', 4096],
      ['16M', 2 ** 24],
      ['2G', 2 ** 31],
    ] as const) {
      assert.equal(readSize(text), bytes)
    }
  })

  it('refuse invalid ones', () => {
    for (const text of ['', ' 1', '1 M', '1MB', '-1', '1.5M', '99999999999999999999', 'M']) {
      assert.throws(() => readSize(text), BadValue)
    }
  })
})

describe('lengths of time', () => {
  it('are sums of parts with units', () => {
    for (const [text, ms] of [
      ['0', 0],
      ['0s', 0],
      ['30s', 30_000],
      ['1h2m3s', 3_723_000],
      ['1.5s', 1500],
      ['250ms', 250],
      ['10us', 0.01],
    ] as const) {
      assert.equal(readDuration(text), ms)
    }
  })

  it('are written as they are read', () => {
    const cases = [
      [0, '0s'],
      [250, '250ms'],
      [1500, '1.5s'],
      [60_000, '1m0s'],
    ] as const
    for (const [ms, text] of [...cases, [3_723_000, '1h2m3s']] as const) {
      assert.equal(formatDuration(ms), text)
      assert.equal(readDuration(text), ms)
    }
  })

  it('refuse invalid ones', () => {
    for (const text of ['', '5', '-1s', '1 s', 's', '1d', '1s x', '.s']) {
      assert.throws(() => readDuration(text), BadValue)
    }
  })
})
