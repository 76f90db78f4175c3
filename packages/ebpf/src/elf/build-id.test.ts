import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ElfFile } from './elf-file.ts'
import { bytesSource } from './source.ts'
import { buildElf, note } from './testing/index.ts'

const id = Buffer.from('0123456789abcdef0123456789abcdef01234567', 'hex')
const bytes = Buffer.concat([note('GNU', 1, Buffer.alloc(16)), note('GNU', 3, id)])

test('the build id is read from sections and from segments', () => {
  const section = { name: '.note.gnu', type: 7, bytes, segments: [4] }
  for (const isWithoutSections of [false, true]) {
    for (const bits of [64, 32] as const) {
      const file = buildElf({ bits, sections: [section], isWithoutSections })
      assert.deepEqual(ElfFile.read(bytesSource(file)).buildId, Uint8Array.from(id))
    }
  }
})

test('notes of other owners are no build id', () => {
  const section = { name: '.note', type: 7, bytes: note('Go', 3, id) }
  const file = buildElf({ sections: [section] })
  assert.equal(ElfFile.read(bytesSource(file)).buildId, undefined)
})
