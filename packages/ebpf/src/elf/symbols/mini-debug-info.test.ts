import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ElfFile } from '../elf-file.ts'
import { bytesSource } from '../source.ts'
import { buildElf, storedXz, symbolSections, xzFiles } from '../testing/index.ts'

const read = (bytes: Buffer): ElfFile => {
  const section = { name: '.gnu_debugdata', bytes }
  return ElfFile.read(bytesSource(buildElf({ sections: [section] })))
}

test('functions of the packed file are found', () => {
  const inner = buildElf({ sections: symbolSections([{ name: 'hidden', address: 0x1234 }]) })
  const { symbols } = read(storedXz(inner))
  assert.equal(symbols.find('hidden')[0].address, 0x1234)
  assert.deepEqual(symbols.problems, [])
})

test('what cannot be unpacked is a problem', () => {
  const cases = [
    [Buffer.from('not packed'), 'EBPF_ELF_XZ'],
    [xzFiles.filter, 'EBPF_ELF_XZ'],
    [xzFiles.single, 'EBPF_ELF_FORMAT'],
  ] as const
  for (const [bytes, code] of cases) {
    assert.deepEqual(
      read(bytes).symbols.problems.map((problem) => problem.code),
      [code],
    )
  }
})
