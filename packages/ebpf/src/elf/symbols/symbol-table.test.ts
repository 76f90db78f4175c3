import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ElfFile } from '../elf-file.ts'
import { bytesSource } from '../source.ts'
import { buildElf, type SymbolSpec, symbolSections, words } from '../testing/index.ts'

function withSymbols(symbols: readonly SymbolSpec[]): ElfFile {
  return ElfFile.read(bytesSource(buildElf({ sections: symbolSections(symbols) })))
}

test('functions that the file defines are listed', () => {
  for (const bits of [64, 32] as const) {
    const symbols = [
      { name: 'ünï', address: 0x2000, size: 8 },
      { name: 'main', address: 0x1000, size: 16 },
      { name: 'puts', isDefined: false },
      { name: 'counter', type: 1 },
      { name: 'chosen', address: 0x3000, type: 10 },
    ]
    const file = ElfFile.read(
      bytesSource(buildElf({ bits, machine: 3, sections: symbolSections(symbols, bits) })),
    )
    assert.deepEqual(file.symbols.functions(), [
      { name: 'chosen', address: 0x3000, size: 0, kind: 'ifunc' },
      { name: 'main', address: 0x1000, size: 16, kind: 'function' },
      { name: 'ünï', address: 0x2000, size: 8, kind: 'function' },
    ])
    assert.equal(file.symbols.find('ünï').length, 1)
  }
})

test('versions after the name are distinguished', () => {
  const { symbols } = withSymbols([
    { name: 'copy@@V2', address: 0x2000 },
    { name: 'copy@V1', address: 0x1000 },
    { name: 'copyright', address: 0x3000 },
    { name: 'copy', address: 0x2000 },
  ])
  const first = { name: 'copy', address: 0x1000, size: 0, kind: 'function', version: 'V1' }
  const second = { ...first, address: 0x2000, version: 'V2' }
  assert.deepEqual(symbols.find('copy'), [
    { ...first, isDefault: false },
    { ...second, isDefault: true },
  ])
  assert.deepEqual(symbols.find('copy@V1'), [{ ...first, isDefault: false }])
  assert.deepEqual(symbols.find('copy@@V2'), [{ ...second, isDefault: true }])
  for (const name of ['', 'cop', 'right', 'copy@V3', 'co\0', 'x'.repeat(5000)]) {
    assert.deepEqual(symbols.find(name), [], name)
  }
})

test('versions of dynamic symbols come from their own tables', () => {
  const [table, texts] = symbolSections(
    [{ name: 'old' }, { name: 'new' }, { name: 'V1' }, { name: 'lib' }],
    64,
    true,
  )
  const at = (name: string): number => (texts.bytes as Buffer).indexOf(`\0${name}\0`) + 1
  const definition = (flags: number, index: number, name: string, next: number): Buffer =>
    Buffer.concat([words(16, 1, flags, index, 1), words(32, 0, 20, next, at(name), 0)])
  const file = buildElf({
    sections: [
      table,
      texts,
      { name: '.gnu.version', type: 0x6fff_ffff, bytes: words(16, 0, 0x8002, 2, 1, 1) },
      {
        name: '.gnu.version_d',
        type: 0x6fff_fffd,
        bytes: Buffer.concat([definition(1, 1, 'lib', 28), definition(0, 2, 'V1', 0)]),
      },
    ],
  })
  const { symbols } = ElfFile.read(bytesSource(file))
  const versions = ['old', 'new', 'lib'].map((name) => {
    const [{ version, isDefault }] = symbols.find(name)
    return [version, isDefault]
  })
  assert.deepEqual(versions, [
    ['V1', false],
    ['V1', true],
    [undefined, undefined],
  ])
})

test('the function that contains an address is found', () => {
  const { symbols } = withSymbols([
    { name: 'outer', address: 0x1000, size: 0x100 },
    { name: 'inner', address: 0x1040, size: 0x10 },
    { name: 'unsized', address: 0x2000 },
    { name: 'next', address: 0x2010, size: 4 },
    { name: 'last', address: 0x3000 },
  ])
  const cases: [number, string | undefined, number?][] = [
    [0xfff, undefined],
    [0x1000, 'outer', 0],
    [0x1045, 'inner', 5],
    [0x1050, 'outer', 0x50],
    [0x1100, undefined],
    [0x200f, 'unsized', 15],
    [0x2013, 'next', 3],
    [0x2014, undefined],
    [0x3fff, 'last', 0xfff],
    [0x13000, undefined],
  ]
  for (const [address, name, offset] of cases) {
    const found = symbols.at(address)
    assert.deepEqual([found?.symbol.name, found?.offset], [name, offset], address.toString(16))
  }
})

test('of several names of an address a global one with a size is shown', () => {
  const { symbols } = withSymbols([
    { name: 'without', address: 0x1000 },
    { name: 'with', address: 0x1000, size: 8 },
    { name: 'also', address: 0x1000, size: 8 },
  ])
  assert.equal(symbols.at(0x1001)?.symbol.name, 'with')
})

test('names longer than any real one are ignored', () => {
  for (const length of [4096, 4097]) {
    const { symbols } = withSymbols([{ name: 'f'.repeat(length) }])
    assert.equal(symbols.functions().length, length > 4096 ? 0 : 1)
  }
})

test('many names are found by an index', () => {
  const names = Array.from({ length: 1000 }, (_, index) => `${'n'.repeat(index % 60)}_${index}`)
  const all = names.map((name, index) => ({ name: `${name}@V1`, address: 0x1000 + index }))
  const { symbols } = withSymbols([...all, { name: 'n', address: 1 }, { name: 'n', address: 2 }])
  for (const [index, name] of names.entries()) {
    assert.deepEqual(
      symbols.find(name).map(({ address }) => address),
      [0x1000 + index],
      name,
    )
  }
  assert.deepEqual(
    symbols.find('n').map(({ address }) => address),
    [1, 2],
  )
  assert.deepEqual(symbols.find('absent'), [])
})

test('hostile tables are limited', () => {
  const shared = Array.from({ length: 20000 }, (_, index) => ({
    name: 'f'.repeat(4096),
    address: index,
  }))
  const { symbols } = withSymbols(shared)
  assert.throws(() => symbols.functions(), { code: 'EBPF_ELF_LIMIT' })
  assert.throws(() => symbols.find('f'.repeat(4096)), { code: 'EBPF_ELF_LIMIT' })
  assert.equal(symbols.at(100)?.symbol.address, 100)
})
