import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ElfFile } from './elf-file.ts'
import { ElfError } from './error.ts'
import { bytesSource } from './source.ts'
import {
  buildElf,
  type ElfSpec,
  lineTable,
  note,
  probeSection,
  storedXz,
  symbolSections,
  words,
} from './testing/index.ts'

const symbols = [
  { name: 'main', address: 0x40_0000, size: 32 },
  { name: 'copy@@V2', address: 0x40_0020 },
  { name: 'hits', address: 0x40_0040, type: 1 },
]

/** A small file with something of all that is read. */
function sample(spec: Omit<ElfSpec, 'sections'>): Buffer {
  const { bits = 64 } = spec
  const inner = buildElf({ bits, sections: symbolSections([{ name: 'inner' }], bits) })
  const probes = [
    { provider: 'a', name: 'b', address: 0x40_0000, arguments: '-4@%edi 8@hits(%rip) 4@[sp, 8]' },
    { provider: 'a', name: 'c', address: 0x40_0008, semaphore: 0x40_0010, arguments: '8@$1' },
  ]
  const functions = [{ name: 'main.main', distance: 0 }]
  const table = lineTable('1.20', functions, bits, 0x40_0000, 0)
  const dynamic = (addressOf: (name: string) => number): Buffer =>
    words(
      bits,
      ...[6, addressOf('.dynsym'), 5, addressOf('.dynstr'), 10, 32],
      4,
      addressOf('.hash'),
      0,
      0,
    )
  const sections = [
    ...symbolSections([{ name: 'puts', isDefined: false }, { name: 'exit' }], bits, true),
    { name: '.hash', bytes: words(32, 1, 3, 1, 0, 2, 0) },
    { name: '.gnu.version', type: 0x6fff_ffff, bytes: words(16, 0, 1, 2) },
    {
      name: '.gnu.version_d',
      type: 0x6fff_fffd,
      bytes: Buffer.concat([words(16, 1, 0, 2, 1), words(32, 0, 20, 0, 1, 0)]),
    },
    { name: '.note', type: 7, bytes: note('GNU', 3, Buffer.alloc(20)), segments: [4] },
    probeSection(probes, bits),
    { name: '.gnu_debugdata', bytes: storedXz(inner) },
    { name: '.gopclntab', bytes: table, segments: [1] },
    {
      name: '.go.module',
      segments: [1],
      bytes: (addressOf: (name: string) => number) =>
        words(bits, addressOf('.gopclntab'), ...Array(21).fill(0), 0x40_0000),
    },
    { name: '.dynamic', bytes: dynamic, segments: [2] },
    { name: '.plt', bytes: Buffer.from('ff2500000000'.padEnd(32, '0'), 'hex') },
    { name: '.rela.plt', type: 4, bytes: words(64, 0x40_0006, 7, 0) },
    ...(bits === 64 ? [] : symbolSections(symbols, bits)),
  ]
  return buildElf({ ...spec, sections })
}

const samples = [
  sample({}),
  sample({ isWithoutSections: true, type: 3 }),
  sample({ bits: 32, machine: 3 }),
  sample({ machine: 183 }),
  sample({ bits: 32, machine: 40 }),
]

/** Reads all that can be read, and checks that all ranges are in the file. */
function readAll(bytes: Uint8Array): void {
  const { length, read } = bytesSource(bytes)
  const file = ElfFile.read({
    length,
    read(offset, size) {
      assert.ok(Number.isInteger(offset) && offset >= 0 && offset + size <= length)
      return read(offset, size)
    },
  })
  const { symbols: table } = file
  table.functions()
  for (const { address } of table.find('main')) table.at(address)
  for (const { offset } of file.usdtProbes()) file.addressOf(offset)
  assert.ok((file.section('.note', 16)?.length ?? 0) <= 16)
  const address = file.findReturn()
  assert.ok(address === undefined || file.isCode(address))
  assert.ok((file.buildId?.length ?? 0) <= 64)
}

test('the samples themselves are read', () => {
  for (const bytes of samples) readAll(bytes)
  const { symbols: table } = ElfFile.read(bytesSource(samples[0]))
  assert.deepEqual(
    table.functions().map(({ name }) => name),
    ['exit', 'inner', 'main.main'],
  )
})

/** Numbers that are likely to be wrong in a header. */
const words32 = fc.constantFrom(0, 1, 7, 64, 4096, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff)

test('damaged files are errors with a code, or are read in part', () => {
  const byte = fc.tuple(fc.nat(), fc.nat(255)).map(([at, value]) => ({ at, bytes: [value] }))
  const word = fc
    .tuple(fc.nat(), words32)
    .map(([at, value]) => ({ at: at - (at % 4), bytes: [...words(32, value)] }))
  const changes = fc.array(fc.oneof(byte, word), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(fc.nat(samples.length - 1), changes, fc.nat(), (number, all, cut) => {
      const damaged = Buffer.from(samples[number])
      for (const { at, bytes } of all) {
        const place = at % (damaged.length - 4)
        damaged.set(bytes, place)
      }
      try {
        readAll(cut % 4 === 0 ? damaged.subarray(0, cut % damaged.length) : damaged)
      } catch (error) {
        assert.ok(error instanceof ElfError, String((error as Error).stack))
      }
    }),
    { numRuns: 100_000 },
  )
})
