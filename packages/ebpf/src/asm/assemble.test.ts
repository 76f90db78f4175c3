import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as asm from './index.ts'
import { label, place, r0, r1, r2, r6, r10 } from './index.ts'

const hex = (...items: asm.Item[]) => Buffer.from(asm.assemble(items).bytes).toString('hex')

describe('encoding', () => {
  test('arithmetic takes both kinds of operand and both widths', () => {
    assert.equal(hex(asm.mov(r1, r6)), 'bf61000000000000')
    assert.equal(hex(asm.mov(r1, -1)), 'b7010000ffffffff')
    assert.equal(hex(asm.mov32(r1, r6)), 'bc61000000000000')
    assert.equal(hex(asm.alu('arsh', r2, 3, { bits: 32 })), 'c402000003000000')
    assert.equal(hex(asm.alu('xor', r1, r2)), hex(asm.xor(r1, r2)))
    assert.equal(hex(asm.alu('mod', r1, 7, { bits: 32 })), '9401000007000000')
    assert.equal(hex(asm.neg(r1)), '8701000000000000')
    assert.equal(hex(asm.toBigEndian(r1, 16)), 'dc01000010000000')
    assert.equal(hex(asm.toLittleEndian(r1, 64)), 'd401000040000000')
    assert.equal(hex(asm.swapBytes(r1, 32)), 'd701000020000000')
    assert.equal(hex(asm.movSigned(r1, r2, 8)), 'bf21080000000000')
    assert.equal(hex(asm.signedDiv(r1, 2)), '3701010002000000')
  })

  test('memory accesses put the width into the opcode', () => {
    assert.equal(hex(asm.load(4, r1, r6, 8)), '6161080000000000')
    assert.equal(hex(asm.load(8, r1, r6, -8)), '7961f8ff00000000')
    assert.equal(hex(asm.loadSigned(2, r1, r6, 0)), '8961000000000000')
    assert.equal(hex(asm.store(1, r10, -1, r2)), '732affff00000000')
    assert.equal(hex(asm.storeImm(2, r10, -2, 5)), '6a0afeff05000000')
    assert.equal(hex(asm.atomicAdd(8, r1, 0, r2)), 'db21000000000000')
    assert.equal(hex(asm.atomicFetchAdd(4, r1, 0, r2)), 'c321000001000000')
    assert.equal(hex(asm.atomicExchange(8, r1, 0, r2)), 'db210000e1000000')
    assert.equal(hex(asm.atomicCompareExchange(8, r1, 0, r2)), 'db210000f1000000')
  })

  test('wide loads take two slots and keep all 64 bits', () => {
    assert.equal(hex(asm.loadImm64(r1, 0x1122334455667788n)), '18010000887766550000000044332211')
    assert.equal(hex(asm.loadImm64(r1, -1n)), '18010000ffffffff00000000ffffffff')
    assert.equal(hex(asm.loadImm64(r1, (1n << 64n) - 1n)), hex(asm.loadImm64(r1, -1n)))
    assert.equal(hex(asm.loadMapFd(r1, 5)), '18110000050000000000000000000000')
    assert.equal(hex(asm.loadMapValue(r1, 5, 16)), '18210000050000000000000010000000')
  })

  test('calls carry what they call in the source register', () => {
    assert.equal(hex(asm.call(asm.helper.ktime_get_boot_ns)), '850000007d000000')
    assert.equal(hex(asm.callKfunc(1234, 2)), '85200200d2040000')
    assert.equal(hex(asm.exit()), '9500000000000000')
  })
})

describe('labels', () => {
  test('distances count slots from the next instruction, in both directions', () => {
    const top = label('top')
    const end = label('end')
    const code = asm.assemble([
      place(top),
      asm.loadImm64(r1, 1n),
      asm.jumpIf('ne', r1, 0, end),
      asm.jumpIf('slt', r1, r2, top, { bits: 32 }),
      asm.jump(top),
      place(end),
      asm.exit(),
    ])
    assert.deepEqual(code.instructionOffsets, [0, 0, 2, 3, 4, 5, 5])
    assert.equal(code.count, 6)
    const decoded = asm.disassemble(code.bytes)
    assert.deepEqual(
      decoded.map((it) => it.offset),
      [0, 2, -4, -5, 0],
    )
  })

  test('local calls, function loads and long jumps put the distance into the immediate', () => {
    const callee = label('callee')
    const code = asm.assemble([
      asm.loadFunction(r2, callee),
      asm.callLocal(callee),
      asm.jumpLong(callee),
      asm.exit(),
      place(callee),
      asm.exit(),
    ])
    assert.deepEqual(
      asm.disassemble(code.bytes).map((it) => it.imm),
      [4, 2, 1, 0, 0],
    )
  })

  test('labels of the same name are different labels', () => {
    const [first, second] = [label('x'), label('x')]
    asm.assemble([place(first), asm.jump(second), place(second), asm.jump(first)])
  })

  test('a label without place and one with two places are errors', () => {
    const lost = label('lost')
    assert.throws(() => asm.assemble([asm.jump(lost)]), {
      code: 'EBPF_ASM_UNDEFINED_LABEL',
      message: 'assemble item 0: label lost has no place',
    })
    assert.throws(() => asm.assemble([place(lost), asm.exit(), place(lost)]), {
      code: 'EBPF_ASM_DUPLICATE_LABEL',
    })
  })

  test('a jump reaches 32767 slots and no further, a long jump does', () => {
    const end = label('end')
    const filler = Array.from({ length: 32767 }, () => asm.mov(r0, 0))
    const reach = asm.assemble([asm.jump(end), ...filler, place(end), asm.exit()])
    assert.equal(asm.disassemble(reach.bytes)[0].offset, 32767)
    filler.push(asm.mov(r0, 0))
    for (const jump of [asm.jump(end), asm.jumpIf('eq', r0, 0, end)]) {
      assert.throws(() => asm.assemble([jump, ...filler, place(end), asm.exit()]), {
        code: 'EBPF_ASM_JUMP_TOO_FAR',
      })
    }
    const long = asm.assemble([asm.jumpLong(end), ...filler, place(end), asm.exit()])
    assert.equal(asm.disassemble(long.bytes)[0].imm, 32768)
  })
})

describe('ranges', () => {
  test('immediates are signed 32-bit integers', () => {
    for (const bad of [0x8000_0000, -0x8000_0001, 1.5, Number.NaN]) {
      assert.throws(() => asm.mov(r1, bad), { code: 'EBPF_ASM_IMMEDIATE_RANGE' })
      assert.throws(() => asm.storeImm(4, r1, 0, bad), { code: 'EBPF_ASM_IMMEDIATE_RANGE' })
    }
    assert.throws(() => asm.loadImm64(r1, 1n << 64n), { code: 'EBPF_ASM_IMMEDIATE_RANGE' })
    assert.throws(() => asm.loadMapFd(r1, 2 ** 33), { code: 'EBPF_ASM_IMMEDIATE_RANGE' })
  })

  test('offsets are signed 16-bit integers', () => {
    asm.load(4, r1, r2, -32768)
    for (const bad of [32768, -32769, 0.5]) {
      assert.throws(() => asm.load(4, r1, r2, bad), { code: 'EBPF_ASM_OFFSET_RANGE' })
    }
  })

  test('registers go from r0 to r10', () => {
    assert.equal(asm.reg(10), r10)
    for (const bad of [-1, 11, 0.5]) {
      assert.throws(() => asm.reg(bad), { code: 'EBPF_ASM_BAD_REGISTER' })
    }
  })

  test('data that no constructor makes is refused', () => {
    for (const change of [{ code: 0xff }, { dst: 11 }, { offset: 40000 }, { imm: 2 ** 31 }]) {
      assert.throws(() => asm.assemble([{ ...asm.exit(), ...change }]), {
        code: 'EBPF_ASM_BAD_INSTRUCTION',
      })
    }
    const end = label('end')
    for (const insn of [asm.exit(), asm.mov(r1, 0), asm.call(1)]) {
      assert.throws(() => asm.assemble([{ ...insn, target: end }, place(end)]), {
        code: 'EBPF_ASM_BAD_INSTRUCTION',
      })
    }
  })
})
