import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { BadValue } from './bad-value.ts'
import { readNetwork } from './networks.ts'

function bytes(text: string): number[] {
  const network = readNetwork(text)
  assert.ok(!(network instanceof BadValue), text)
  return [...network.address, network.bits]
}

test('addresses and networks; bits after the prefix are cleared', () => {
  assert.deepEqual(bytes('127.0.0.1'), [127, 0, 0, 1, 32])
  assert.deepEqual(bytes('10.1.2.3/8'), [10, 0, 0, 0, 8])
  assert.deepEqual(bytes('192.168.255.255/17'), [192, 168, 128, 0, 17])
  assert.deepEqual(bytes('0.0.0.0/0'), [0, 0, 0, 0, 0])
  assert.deepEqual(bytes('::1'), [...Array(15).fill(0), 1, 128])
  assert.deepEqual(bytes('fe80::/10'), [0xfe, 0x80, ...Array(14).fill(0), 10])
  assert.deepEqual(bytes('::ffff:1.2.3.4'), [...Array(10).fill(0), 255, 255, 1, 2, 3, 4, 128])
  assert.deepEqual(bytes('1:2:3:4:5:6:7:8'), [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 128])
})

test('invalid addresses', () => {
  for (const text of ['', 'host', '1.2.3', '1.2.3.4/33', '::/129', '1.2.3.4/', '1.2.3.4/8/8']) {
    assert.ok(readNetwork(text) instanceof BadValue, text)
  }
  assert.ok(readNetwork('fe80::1%eth0') instanceof BadValue)
  fc.assert(
    fc.property(fc.string(), (text) => {
      const refused = readNetwork(text) instanceof BadValue
      assert.ok(refused || isIP(text.split('/')[0]) > 0)
    }),
  )
})

test('every IPv6 address has its 16 bytes', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const network = readNetwork(text)
      assert.ok(!(network instanceof BadValue))
      // The URL parser produces the canonical form.
      const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1)
      const groups: string[] = []
      for (let i = 0; i < 16; i += 2) {
        groups.push(((network.address[i] << 8) | network.address[i + 1]).toString(16))
      }
      assert.equal(new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1), canonical)
    }),
  )
})
