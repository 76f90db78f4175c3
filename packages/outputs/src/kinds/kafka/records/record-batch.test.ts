import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeBatch } from '../testing/decode-batch.ts'
import { crc32c } from './crc32c.ts'
import { encodeRecordBatch } from './record-batch.ts'

describe('a record batch', () => {
  it('has the checksum of RFC 3720', () => {
    assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283)
    assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa)
    assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43)
    assert.equal(crc32c(Buffer.alloc(0)), 0)
  })

  it('has what was encoded', async () => {
    const record = fc.record({
      key: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
      value: fc.string({ unit: 'binary', maxLength: 300 }).map((text) => Buffer.from(text)),
      // Clocks jump.
      timestamp: fc.integer({ min: 0, max: 2 ** 45 }),
    })
    const batch = fc.array(record, { minLength: 1, maxLength: 150 })
    await fc.assert(
      fc.asyncProperty(batch, fc.constantFrom('none', 'gzip'), async (records, compression) => {
        const producer = { id: 2n ** 40n, epoch: 3, sequence: 2 ** 31 - 1 }
        const decoded = decodeBatch(await encodeRecordBatch(records, compression, producer))
        const { producerId, epoch, sequence, maxTimestamp } = decoded
        assert.deepEqual({ id: producerId, epoch, sequence }, producer)
        assert.equal(maxTimestamp, Math.max(...records.map(({ timestamp }) => timestamp)))
        assert.deepEqual(
          decoded.records.map(({ value, ...rest }) => ({ ...rest, value: Buffer.from(value) })),
          records.map((each) => ({ ...each })),
        )
      }),
      { numRuns: 50 },
    )
  })
})
