import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BtfBuilder } from './builder.ts'
import { encodeFuncInfo, encodeLineInfo } from './program-info.ts'

describe('BtfBuilder', () => {
  test('writes header, types and strings in the form of btf.h', () => {
    const builder = new BtfBuilder()
    const int = builder.int('int', 4, { signed: true })
    const proto = builder.funcProto(int, [{ name: 'ctx', typeId: int }])
    const func = builder.func('main', proto, 'global')
    assert.deepEqual([int, proto, func], [1, 2, 3])
    const bytes = Buffer.from(builder.bytes())
    const words = Array.from({ length: 15 }, (_, index) => bytes.readUInt32LE(24 + index * 4))
    const header = Array.from({ length: 6 }, (_, index) => bytes.readUInt32LE(index * 4))
    assert.deepEqual(header, [0x0001_eb9f, 24, 0, 48, 48, 14])
    assert.deepEqual(words.slice(0, 12), [
      ...[1, 0x0100_0000, 4, 0x0100_0020],
      ...[0, 0x0d00_0001, 1, 5, 1],
      ...[9, 0x0c00_0001, 2],
    ])
    assert.equal(bytes.subarray(72).toString(), '\0int\0ctx\0main\0')
  })

  test('a string stands in the table once', () => {
    const builder = new BtfBuilder()
    assert.equal(builder.string(''), 0)
    assert.equal(builder.string('r0 = 0'), 1)
    assert.equal(builder.string('zürich'), 8)
    assert.equal(builder.string('r0 = 0'), 1)
    assert.equal(builder.string('end'), 16)
    assert.equal(builder.stringSize, 20)
    assert.throws(() => builder.string('a\0b'), { code: 'EBPF_BTF_BAD_ARGUMENT' })
  })

  test('nothing is added once the blob is made', () => {
    const builder = new BtfBuilder()
    builder.int('int', 4)
    builder.bytes()
    assert.equal(builder.string('int'), 1)
    assert.throws(() => builder.string('late'), { code: 'EBPF_BTF_BAD_ARGUMENT' })
    assert.throws(() => builder.pointer(1), { code: 'EBPF_BTF_BAD_ARGUMENT' })
  })

  test('more entries than a type holds are refused', () => {
    const params = Array.from({ length: 65_536 }, () => ({ name: 'x', typeId: 1 }))
    assert.throws(() => new BtfBuilder().funcProto(0, params), { code: 'EBPF_BTF_BAD_ARGUMENT' })
  })
})

describe('program info', () => {
  const words = (bytes: Uint8Array) => [...new Uint32Array(bytes.buffer)]

  test('func_info has 8 bytes an entry', () => {
    const bytes = encodeFuncInfo([
      { slot: 0, typeId: 3 },
      { slot: 17, typeId: 4 },
    ])
    assert.deepEqual(words(bytes), [0, 3, 17, 4])
  })

  test('line_info has 16 bytes an entry, with line and column in one word', () => {
    const entry = { fileName: 5, lineText: 9 }
    const bytes = encodeLineInfo([
      { slot: 0, ...entry, line: 3, column: 7 },
      { slot: 2, ...entry, line: 5_000_000, column: 2000 },
    ])
    assert.deepEqual(words(bytes), [0, 5, 9, (3 << 10) | 7, 2, 5, 9, 0xffff_ffff])
  })

  test('slots ascend from 0', () => {
    const line = { fileName: 1, lineText: 1, line: 1, column: 0 }
    const at = (...slots: number[]) => slots.map((slot) => ({ slot, typeId: 1, ...line }))
    for (const bad of [at(1), at(0, 0), at(0, 4, 3)]) {
      assert.throws(() => encodeFuncInfo(bad), { code: 'EBPF_BTF_BAD_ARGUMENT' })
      assert.throws(() => encodeLineInfo(bad), { code: 'EBPF_BTF_BAD_ARGUMENT' })
    }
    assert.equal(encodeLineInfo([]).length, 0)
  })
})
