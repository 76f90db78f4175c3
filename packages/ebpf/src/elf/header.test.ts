import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ElfFile } from './elf-file.ts'
import { bytesSource } from './source.ts'
import { buildElf } from './testing/index.ts'

const read = (bytes: Uint8Array): ElfFile => ElfFile.read(bytesSource(bytes))

/** A built file with some bytes changed. */
function changed(at: number, ...bytes: readonly number[]): Buffer {
  const file = buildElf({ sections: [] })
  file.set(bytes, at)
  return file
}

test('machines and sizes of addresses are distinguished', () => {
  const cases = [
    [62, 64, 'x86-64'],
    [183, 64, 'arm64'],
    [3, 32, 'x86'],
    [40, 32, 'arm'],
  ] as const
  for (const [machine, bits, name] of cases) {
    const file = read(buildElf({ machine, bits, sections: [] }))
    assert.deepEqual([file.machine, file.bits, file.type], [name, bits, 'executable'])
  }
})

test('other files are refused', () => {
  const cases = [
    [Buffer.from('#!/bin/sh\n'.repeat(10)), 'EBPF_ELF_FORMAT', /not an ELF file/],
    [new Uint8Array(0), 'EBPF_ELF_FORMAT', /not an ELF file/],
    [buildElf({ sections: [] }).subarray(0, 40), 'EBPF_ELF_FORMAT', /too short/],
    [changed(5, 2), 'EBPF_ELF_UNSUPPORTED', /big-endian/],
    [changed(18, 243), 'EBPF_ELF_UNSUPPORTED', /machine 243/],
    [changed(16, 9), 'EBPF_ELF_UNSUPPORTED', /type 9/],
    [changed(4, 7), 'EBPF_ELF_FORMAT', /damaged/],
    [changed(32, 0xff, 0xff, 0xff), 'EBPF_ELF_FORMAT', /program headers: outside/],
    [Buffer.concat([changed(56, 0xfe, 0xff), Buffer.alloc(1 << 22)]), 'EBPF_ELF_LIMIT', /65534/],
  ] as const
  for (const [bytes, code, message] of cases) {
    assert.throws(() => read(bytes), { name: 'ElfError', code, message })
  }
})

test('section headers outside of the file are treated as missing', () => {
  assert.equal(read(changed(40, 0xff, 0xff, 0xff)).symbols.count, 0)
})

test('section headers of another size are treated as missing, and not read', () => {
  const file = buildElf({ sections: [{ name: '.note', type: 7, bytes: Buffer.alloc(4) }] })
  file.writeUInt16LE(0xffff, 58)
  file.writeUInt16LE(0x7000, 60)
  const { read } = bytesSource(file)
  const { symbols, buildId } = ElfFile.read({
    length: 2 ** 31,
    read(offset, length) {
      assert.ok(length <= 1 << 27, `${length} bytes`)
      return read(offset, length)
    },
  })
  assert.deepEqual([symbols.count, buildId], [0, undefined])
})

test('only regular files are opened', () => {
  for (const path of ['/nowhere', '/proc', '/dev/null']) {
    assert.throws(() => ElfFile.open(path), { code: 'EBPF_ELF_READ' })
  }
})

test('large files are read by ranges', () => {
  const bytes = buildElf({ sections: [{ name: '.data', bytes: Buffer.alloc(1 << 20) }] })
  let read = 0
  const source = bytesSource(bytes)
  const counting = {
    length: source.length,
    read: (offset: number, length: number) => {
      const piece = source.read(offset, length)
      read += piece.length
      return piece
    },
  }
  const file = ElfFile.read(counting)
  assert.deepEqual([file.buildId, file.usdtProbes(), file.symbols.count], [undefined, [], 0])
  assert.ok(read < 4096, `${read} bytes`)
})
