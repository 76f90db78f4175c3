import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as asm from './index.ts'

const { r1, r2, r3 } = asm

/** Loads that differ in their maps alone, among constants that look like descriptors. */
function code(first: number, second: number): Uint8Array {
  return asm.assemble([
    asm.loadMapFd(r1, first),
    asm.loadMapValue(r2, second, 7),
    asm.loadImm64(r3, 7n),
    asm.loadImm64(r3, (0x18n << 32n) | 8n),
    asm.mov(r3, 7),
    asm.exit(),
  ]).bytes
}

test('replaces descriptors of maps, and no other value', () => {
  const before = code(7, 8)
  const replaced = new Map([
    [7, 8],
    [8, 9],
  ])
  assert.deepEqual(asm.replaceMapFds(before, replaced), code(8, 9))
  assert.deepEqual(before, code(7, 8), 'the original is as it was')
  assert.deepEqual(asm.replaceMapFds(before, new Map([[5, 6]])), before)
})
