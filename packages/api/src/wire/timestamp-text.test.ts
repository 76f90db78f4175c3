import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseTimestamp } from './instants.ts'
import { plainNanos, plainSeconds } from './timestamp-text.ts'

const framed = (text: string) => Buffer.from(`"${text}"`)
const read = (text: string) => {
  const bytes = framed(text)
  const place = [bytes, 1, bytes.length - 1] as const
  return [plainSeconds(...place), plainNanos(...place)]
}

describe('plain timestamps', () => {
  it('agree with the parser, or are left to it', () => {
    const second = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 })
    const fraction = fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,9}$/))
    let plain = 0
    fc.assert(
      fc.property(second, fraction, (at, rest) => {
        const text = `${new Date(at * 1000).toISOString().slice(0, 19)}${rest}Z`
        const found = read(text)
        if (Number.isNaN(found[0])) return
        plain++
        assert.deepEqual(found, parseTimestamp(text))
      }),
      { numRuns: 500 },
    )
    assert.ok(plain > 0, `${plain} were plain`)
  })

  it('support leap years', () => {
    for (const text of ['2024-02-28T23:59:59Z', '2024-03-01T00:00:00Z', '2100-03-01T00:00:00Z']) {
      assert.deepEqual(read(text), parseTimestamp(text))
    }
  })

  for (const text of [
    '',
    'Z',
    '2024-13-01T00:00:00Z',
    '2024-05-0xT00:00:00Z',
    '2024-05-06T07:08:09+02:00',
  ]) {
    it(`'${text}' is none`, () => assert.ok(Number.isNaN(read(text)[0])))
  }

  it('have one to nine decimals', () => {
    for (const end of ['.Z', '.1234567890Z', '.1xZ', '1Z']) {
      assert.ok(Number.isNaN(read(`2024-05-06T07:08:09${end}`)[1]), end)
    }
  })
})
