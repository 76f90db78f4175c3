import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ElfFile } from '../elf-file.ts'
import { bytesSource } from '../source.ts'
import { buildElf, type SectionSpec, symbolSections, words } from '../testing/index.ts'

const symbols = ['one', 'two', 'three'].map((name, index) => ({
  name,
  address: 0x1000 + index * 16,
}))

/** A file without section headers, whose symbols only the dynamic segment leads to. */
function stripped(bits: 64 | 32, hashTag: number, hash: Buffer): ElfFile {
  const dynamic: SectionSpec = {
    name: '.dynamic',
    type: 6,
    segments: [2],
    bytes: (addressOf) => {
      const entries = [
        ...[6, addressOf('.dynsym')],
        ...[5, addressOf('.dynstr'), 10, 64],
        ...[hashTag, addressOf('.hash'), 0, 0],
      ]
      return words(bits, ...entries)
    },
  }
  const sections = [...symbolSections(symbols, bits, true), { name: '.hash', bytes: hash }, dynamic]
  const spec = { bits, machine: bits === 64 ? 62 : 3, type: 3, sections, isWithoutSections: true }
  return ElfFile.read(bytesSource(buildElf(spec)))
}

test('without section headers the dynamic segment leads to the symbols', () => {
  for (const bits of [64, 32] as const) {
    // Both hash tables have the number of symbols: 4, with the empty one.
    const hash = words(32, 1, 4, 1, 0, 2, 3, 0)
    const head = [words(32, 2, 1, 1, 0), words(bits, 0)]
    const gnuHash = Buffer.concat([...head, words(32, 1, 2, 0x11, 0x20, 0x31)])
    for (const file of [stripped(bits, 4, hash), stripped(bits, 0x6fff_fef5, gnuHash)]) {
      assert.deepEqual(
        file.symbols.functions().map(({ name, address }) => [name, address]),
        [
          ['one', 0x1000],
          ['three', 0x1020],
          ['two', 0x1010],
        ],
      )
    }
  }
})
