import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { resettingXz, storedXz, xzFiles, xzText } from '../testing/index.ts'
import { LzmaDataError, unpackXz } from './index.ts'

const { filter, ...readable } = xzFiles

test('files of several options are unpacked', () => {
  for (const [name, bytes] of Object.entries(readable)) {
    assert.equal(Buffer.from(unpackXz(bytes, 1 << 20)).toString(), xzText, name)
  }
})

test('data that is not compressed is copied', () => {
  const bytes = storedXz(Buffer.from('abcd'))
  assert.equal(Buffer.from(unpackXz(bytes, 4)).toString(), 'abcd')
  assert.throws(() => unpackXz(bytes, 3), LzmaDataError)
})

test('other filters and larger contents are refused', () => {
  assert.throws(() => unpackXz(filter, 1 << 20), /unsupported filter/)
  assert.throws(() => unpackXz(readable.single, xzText.length - 1), /more data than allowed/)
  assert.throws(() => unpackXz(Buffer.from('not packed'), 1 << 20), /not an xz file/)
})

test('resets of the state are limited', () => {
  assert.deepEqual(Buffer.from(unpackXz(resettingXz(4000), 1 << 20)), Buffer.alloc(4000))
  assert.throws(() => unpackXz(resettingXz(5000), 1 << 20), /more blocks or resets than allowed/)
})

test('damaged files end with an error or some text', () => {
  const samples = Object.values(readable)
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(fc.nat(samples.length - 1), changes, fc.nat(), (sample, bytes, cut) => {
      const damaged = Buffer.from(samples[sample])
      for (const [at, byte] of bytes) damaged[at % damaged.length] = byte
      const length = cut % 2 === 0 ? damaged.length : cut % damaged.length
      try {
        unpackXz(damaged.subarray(0, length), 1 << 20)
      } catch (error) {
        assert.ok(error instanceof LzmaDataError, String(error))
      }
    }),
    { numRuns: 2000 },
  )
})
