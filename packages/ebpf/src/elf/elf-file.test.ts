import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ElfFile } from './elf-file.ts'

test('a real program is read', () => {
  using file = ElfFile.open(process.execPath)
  assert.ok(file.symbols.functions().length > 100)
})

test('a return instruction is found', () => {
  using file = ElfFile.open(process.execPath)
  const address = file.findReturn() ?? 0
  assert.ok(file.isCode(address))
  const at = file.offsetOf(address) ?? 0
  const bytes = readFileSync(process.execPath).subarray(at, at + 4)
  if (file.machine === 'x86-64') assert.equal(bytes[0], 0xc3)
  else assert.equal(bytes.readUInt32LE(), 0xd65f03c0)
})
