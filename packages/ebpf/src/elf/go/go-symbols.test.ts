import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ElfFile } from '../elf-file.ts'
import { bytesSource } from '../source.ts'
import {
  baseAddress,
  buildElf,
  type ElfSpec,
  type GoLayout,
  lineTable,
  words,
} from '../testing/index.ts'

const functions = [
  { name: 'runtime.text', distance: 0 },
  { name: 'main.main·f', distance: 64 },
]
const textStart = baseAddress + 0x40
const expected = [
  { name: 'main.main·f', address: textStart + 64, size: 32, kind: 'function' },
  { name: 'runtime.text', address: textStart, size: 64, kind: 'function' },
]
const layouts: readonly GoLayout[] = ['1.2', '1.16', '1.18', '1.20']

function functionsOf(spec: ElfSpec) {
  return ElfFile.read(bytesSource(buildElf(spec))).symbols
}

test('functions of all layouts are found, with and without section headers', () => {
  for (const layout of layouts) {
    for (const bits of [64, 32] as const) {
      for (const isWithoutSections of [false, true]) {
        const bytes = lineTable(layout, functions, bits, textStart)
        const sections = [{ name: '.gopclntab', bytes, segments: [1] }]
        const machine = bits === 64 ? 62 : 3
        const symbols = functionsOf({ bits, machine, sections, isWithoutSections })
        assert.deepEqual([symbols.problems, symbols.functions()], [[], expected], layout)
      }
    }
  }
})

test('the table is found in a merged section of a Go program', () => {
  const bytes = Buffer.concat([Buffer.alloc(24), lineTable('1.20', functions, 64, textStart)])
  const sections = [
    { name: '.go.buildinfo', bytes: Buffer.alloc(32) },
    { name: '.data.rel.ro', bytes, segments: [1] },
  ]
  assert.deepEqual(functionsOf({ sections }).functions(), expected)
  assert.deepEqual(functionsOf({ sections: sections.slice(1) }).functions(), [])
})

test('the start of the code comes from runtime.moduledata if the header has none', () => {
  const table = {
    name: '.gopclntab',
    bytes: lineTable('1.20', functions, 64, textStart, 0),
    segments: [1],
  }
  const moduleData = (addressOf: (name: string) => number): Buffer =>
    words(64, addressOf('.gopclntab'), ...Array(21).fill(0), textStart)
  const inData = { name: '.go.module', bytes: moduleData, segments: [1] }
  assert.deepEqual(functionsOf({ sections: [table, inData] }).functions(), expected)
  // R_X86_64_RELATIVE, R_AARCH64_RELATIVE: the words are only in the relocations.
  for (const [machine, type] of [
    [62, 8],
    [183, 1027],
  ]) {
    const relocations = (addressOf: (name: string) => number): Buffer => {
      const at = addressOf('.go.module')
      return words(64, at, type, addressOf('.gopclntab'), at + 22 * 8, type, textStart)
    }
    const sections = [
      table,
      { name: '.go.module', bytes: Buffer.alloc(23 * 8) },
      { name: '.rela.dyn', type: 4, bytes: relocations },
    ]
    assert.deepEqual(functionsOf({ machine, sections }).functions(), expected)
  }
  const { problems, count } = functionsOf({ sections: [table] })
  assert.deepEqual([problems[0].code, count], ['EBPF_ELF_FORMAT', 0])
})

test('tables that end too early are not used', () => {
  const bytes = lineTable('1.20', functions, 64, textStart)
  for (const length of [0, 8, 71, 90]) {
    const sections = [{ name: '.gopclntab', bytes: bytes.subarray(0, length) }]
    assert.equal(functionsOf({ sections }).count, 0)
  }
})
