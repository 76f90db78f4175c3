import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ElfFile } from '../elf-file.ts'
import { bytesSource } from '../source.ts'
import { baseAddress, buildElf, probeSection, symbolSections } from '../testing/index.ts'

const read = (bytes: Uint8Array): ElfFile => ElfFile.read(bytesSource(bytes))

test('all places of probes are found', () => {
  for (const bits of [64, 32] as const) {
    const probes = [
      { provider: 'app', name: 'start', address: baseAddress + 8, arguments: '-4@%edi 8@$1' },
      { provider: 'libc', name: 'setjmp', address: baseAddress, semaphore: baseAddress + 2 },
      { provider: 'app', name: 'start', address: baseAddress + 16, arguments: '-4@%esi' },
    ]
    const file = read(buildElf({ bits, sections: [probeSection(probes, bits)] }))
    assert.deepEqual(file.usdtProbes(), [
      {
        provider: 'app',
        name: 'start',
        address: baseAddress + 8,
        offset: 8,
        semaphoreOffset: undefined,
        arguments: [
          { size: 4, signed: true, kind: 'register', register: 'rdi', shift: 0 },
          { size: 8, signed: false, kind: 'constant', value: 1n },
        ],
      },
      {
        provider: 'libc',
        name: 'setjmp',
        address: baseAddress,
        offset: 0,
        semaphoreOffset: 2,
        arguments: [],
      },
      {
        provider: 'app',
        name: 'start',
        address: baseAddress + 16,
        offset: 16,
        semaphoreOffset: undefined,
        arguments: [{ size: 4, signed: true, kind: 'register', register: 'rsi', shift: 0 }],
      },
    ])
  }
})

test('addresses follow the section .stapsdt.base when prelink has moved it', () => {
  const probes = [{ provider: 'a', name: 'b', address: 0x1010, base: 0x1000, semaphore: 0x1020 }]
  const base = { name: '.stapsdt.base', bytes: Buffer.alloc(64) }
  const file = read(buildElf({ sections: [base, probeSection(probes)] }))
  const [probe] = file.usdtProbes()
  const start = probe.offset - 0x10
  assert.equal(probe.address, baseAddress + start + 0x10)
  assert.equal(probe.semaphoreOffset, start + 0x20)
})

test('variables in arguments are looked up', () => {
  const probes = [{ provider: 'a', name: 'b', address: baseAddress, arguments: '4@hits+4(%rip)' }]
  const symbols = [{ name: 'hits', address: baseAddress + 0x100, size: 8, type: 1 }]
  const file = read(buildElf({ sections: [probeSection(probes), ...symbolSections(symbols)] }))
  const displacement = 0x104
  assert.deepEqual(file.usdtProbes()[0].arguments, [
    { size: 4, signed: false, kind: 'memory', register: 'rip', displacement },
  ])
  assert.equal(file.symbols.count, 0)
})

test('probes outside of the file are left out', () => {
  const probes = [
    { provider: 'a', name: 'b', address: 1 },
    { provider: '', name: 'b' },
    { provider: 'a', name: 'c' },
  ]
  const file = read(buildElf({ sections: [probeSection(probes)] }))
  assert.deepEqual(
    file.usdtProbes().map(({ name }) => name),
    ['c'],
  )
})
