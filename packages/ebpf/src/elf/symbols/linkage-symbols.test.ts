import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ElfFile } from '../elf-file.ts'
import { bytesSource } from '../source.ts'
import { buildElf, type ElfSpec, symbolSections, words } from '../testing/index.ts'

/** A file with one stub, whose slot is the section `.got.plt`. */
function withStub(
  spec: Omit<ElfSpec, 'sections'>,
  relocationType: number,
  code: (stub: number, slot: number) => Buffer,
): ElfFile {
  const bits = spec.bits ?? 64
  const relocation = (slot: number): Buffer =>
    bits === 64
      ? Buffer.concat([words(64, slot), words(32, relocationType, 1), words(64, 0)])
      : words(32, slot, (1 << 8) | relocationType)
  const file = buildElf({
    ...spec,
    sections: [
      ...symbolSections([{ name: 'puts', isDefined: false }], bits, true),
      { name: '.got.plt', bytes: Buffer.alloc(8) },
      { name: '.plt', bytes: (addressOf) => code(addressOf('.plt'), addressOf('.got.plt')) },
      {
        name: '.rel.plt',
        type: bits === 64 ? 4 : 9,
        bytes: (addressOf) => relocation(addressOf('.got.plt')),
      },
    ],
  })
  return ElfFile.read(bytesSource(file))
}

function assertStub({ symbols }: ElfFile, size: number, start: number): void {
  const [stub] = symbols.find('puts@plt')
  assert.deepEqual({ ...stub, address: 0 }, { name: 'puts@plt', address: 0, size, kind: 'plt' })
  assert.equal(stub.address % 32, start)
  assert.equal(symbols.at(stub.address + size - 1)?.symbol.name, 'puts@plt')
  assert.deepEqual([symbols.find('puts'), symbols.functions()], [[], []])
}

test('stubs of x86-64 are found', () => {
  const jump = (at: number, slot: number): Buffer => {
    return Buffer.concat([Buffer.from([0xff, 0x25]), words(32, slot - at - 6)])
  }
  const plain = withStub({}, 7, (stub, slot) => Buffer.concat([jump(stub, slot), Buffer.alloc(10)]))
  assertStub(plain, 8, 0)
  const marked = withStub({}, 6, (stub, slot) =>
    Buffer.concat([
      ...[Buffer.alloc(16), Buffer.from([0xf3, 0x0f, 0x1e, 0xfa, 0xf2])],
      ...[jump(stub + 21, slot), Buffer.alloc(5)],
    ]),
  )
  assertStub(marked, 16, 16)
})

test('stubs beyond the limit are ignored', () => {
  const file = withStub({ bits: 32, machine: 3 }, 7, (_, slot) => {
    const stub = Buffer.concat([Buffer.from([0xff, 0x25]), words(32, slot), Buffer.alloc(2)])
    return Buffer.concat(Array(140_000).fill(stub))
  })
  assert.equal(file.symbols.count, 1 << 17)
})

test('stubs of x86 are found, with and without a base register', () => {
  const spec = { bits: 32, machine: 3 } as const
  const absolute = withStub(spec, 7, (_, slot) =>
    Buffer.concat([Buffer.from([0xff, 0x25]), words(32, slot), Buffer.alloc(10)]),
  )
  assertStub(absolute, 16, 0)
  const relative = withStub(spec, 7, () =>
    Buffer.concat([Buffer.from([0xff, 0xa3]), words(32, 0), Buffer.alloc(10)]),
  )
  assertStub(relative, 16, 0)
})

test('stubs of arm64 are found', () => {
  /** adrp x16, page of slot; ldr x17, [x16, slot]; add; br x17 */
  const code = (at: number, slot: number): Buffer => {
    const pages = Math.floor(slot / 4096) - Math.floor(at / 4096)
    const page = 0x9000_0010 | ((pages & 3) << 29) | (((pages >> 2) & 0x7ffff) << 5)
    const load = 0xf940_0211 | (((slot % 4096) / 8) << 10)
    return words(32, page, load, 0x9100_0210, 0xd61f_0220)
  }
  assertStub(withStub({ machine: 183 }, 1026, code), 16, 0)
  const marked = withStub({ machine: 183 }, 1025, (stub, slot) =>
    Buffer.concat([words(32, 0xd503_245f), code(stub + 4, slot), words(32, 0xd503_201f)]),
  )
  assertStub(marked, 24, 0)
})
