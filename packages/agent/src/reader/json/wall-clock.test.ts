import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ByteWriter } from '../../bytes/byte-writer.ts'
import { WallClock } from './event-lines.ts'

const billion = 1_000_000_000n

/** The same, computed differently. */
function expected(epoch: bigint, ktime: bigint): string {
  const time = epoch + ktime
  const date = new Date(Number(time / 1_000_000n)).toISOString().slice(0, 19)
  const fraction = String(time % billion).padStart(9, '0')
  if (fraction === '000000000') return `${date}Z`
  return `${date}.${fraction.replace(/^(...(...)??)(000)+$/, '$1')}Z`
}

function write(clock: WallClock, ktime: bigint): string {
  const out = new ByteWriter()
  clock.write(out, Number(ktime >> 32n), Number(ktime & 0xffff_ffffn))
  return out.bytes.toString('latin1', 0, out.length)
}

describe('wall clock', () => {
  const epochs = fc.bigInt({ min: 0n, max: 4_000_000_000n * billion })
  const ktimes = fc.oneof(
    fc.bigInt({ min: 0n, max: 1000n * billion }),
    // Up to 2^21 in the upper half: 285 years.
    fc.bigInt({ min: 0n, max: (1n << 53n) - 1n }),
    fc.bigInt({ min: 0n, max: (1n << 63n) / 1024n }),
  )

  it('agrees with Date', () => {
    fc.assert(
      fc.property(epochs, ktimes, (epoch, ktime) => {
        assert.equal(write(new WallClock(epoch), ktime), expected(epoch, ktime))
      }),
      { numRuns: 1000 },
    )
  })

  it('agrees when one instance writes many times', () => {
    fc.assert(
      fc.property(epochs, fc.array(ktimes, { minLength: 2, maxLength: 20 }), (epoch, times) => {
        const clock = new WallClock(epoch)
        for (const time of times) assert.equal(write(clock, time), expected(epoch, time))
      }),
    )
  })

  it('shows no, three, six or nine digits of a second', () => {
    const clock = new WallClock(0n)
    assert.equal(write(clock, 0n), '1970-01-01T00:00:00Z')
    assert.equal(write(clock, 5_000_000_000n), '1970-01-01T00:00:05Z')
    assert.equal(write(clock, 5_120_000_000n), '1970-01-01T00:00:05.120Z')
    assert.equal(write(clock, 5_000_120_000n), '1970-01-01T00:00:05.000120Z')
    assert.equal(write(clock, 5_000_000_001n), '1970-01-01T00:00:05.000000001Z')
    assert.equal(write(clock, 4_999_999_999n), '1970-01-01T00:00:04.999999999Z')
  })

  it('follows a changed relation between the clocks', () => {
    const clock = new WallClock(10n * billion)
    assert.equal(write(clock, billion), '1970-01-01T00:00:11Z')
    clock.set(20n * billion + 1n)
    assert.equal(write(clock, billion), '1970-01-01T00:00:21.000000001Z')
  })
})
