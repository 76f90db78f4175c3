import assert from 'node:assert/strict'
import { it } from 'node:test'
import { murmur2, partitionOfKey } from './lanes.ts'

it('chooses the partition that Kafka chooses for a key', () => {
  // Of the tests of Kafka's own clients.
  const hashes = {
    '21': -973932308,
    foobar: -790332482,
    'a-little-bit-long-string': -985981536,
    'a-little-bit-longer-string': -1486304829,
    lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
    abc: 479470107,
  }
  for (const [key, hash] of Object.entries(hashes)) assert.equal(murmur2(Buffer.from(key)), hash)
  assert.equal(partitionOfKey('21', 7), (-973932308 & 0x7fffffff) % 7)
})
