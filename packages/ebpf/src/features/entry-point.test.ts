import assert from 'node:assert/strict'
import { closeSync, openSync, readSync } from 'node:fs'
import { test } from 'node:test'
import { entryPoint } from './entry-point.ts'

test('the entry point of the running program lies in its file', () => {
  const offset = entryPoint(process.execPath)
  const fd = openSync(process.execPath, 'r')
  const code = Buffer.alloc(16)
  assert.equal(readSync(fd, code, 0, 16, offset), 16)
  closeSync(fd)
  assert.ok(offset > 64)
  assert.ok(code.some((byte) => byte !== 0))
  // _start of x86-64 clears the frame pointer first: xor %ebp,%ebp, maybe behind endbr64.
  if (process.arch === 'x64') assert.ok(code.indexOf(Buffer.from([0x31, 0xed])) >= 0)
})

test('other files are refused', () => {
  assert.throws(() => entryPoint('/proc/self/status'), /not a 64-bit ELF file/)
  assert.throws(() => entryPoint('/nonexistent'), /ENOENT/)
})
