import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import * as asm from './index.ts'

const register = fc.integer({ min: 0, max: 10 }).map(asm.reg)
const imm = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const offset = fc.integer({ min: -32768, max: 32767 })
const operand: fc.Arbitrary<asm.Operand> = fc.oneof(register, imm)
const size = fc.constantFrom<asm.Size>(1, 2, 4, 8)
const atomicSize = fc.constantFrom<asm.AtomicSize>(4, 8)
const width = fc.constantFrom<asm.Bits>({ bits: 32 }, { bits: 64 })
const swap = fc.constantFrom<16 | 32 | 64>(16, 32, 64)
const aluOp = fc.constantFrom<asm.AluOp>(
  ...([
    'mov',
    'add',
    'sub',
    'mul',
    'div',
    'mod',
    'or',
    'and',
    'xor',
    'lsh',
    'rsh',
    'arsh',
  ] as const),
)
const jumpOp = fc.constantFrom<asm.JumpOp>(
  ...(['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'sgt', 'sge', 'slt', 'sle', 'set'] as const),
)
const atomic = fc.constantFrom(
  asm.atomicAdd,
  asm.atomicOr,
  asm.atomicAnd,
  asm.atomicXor,
  asm.atomicFetchAdd,
  asm.atomicFetchOr,
  asm.atomicFetchAnd,
  asm.atomicFetchXor,
  asm.atomicExchange,
  asm.atomicCompareExchange,
)

const straight: fc.Arbitrary<asm.Instruction> = fc.oneof(
  fc.tuple(aluOp, register, operand, width).map((it) => asm.alu(...it)),
  fc.tuple(register, operand, width).map((it) => asm.signedDiv(...it)),
  fc.tuple(register, operand, width).map((it) => asm.signedMod(...it)),
  fc
    .tuple(register, register, fc.constantFrom<8 | 16>(8, 16), width)
    .map((it) => asm.movSigned(...it)),
  register.map(asm.neg),
  register.map(asm.neg32),
  fc.tuple(register, swap).map((it) => asm.toBigEndian(...it)),
  fc.tuple(register, swap).map((it) => asm.toLittleEndian(...it)),
  fc.tuple(register, swap).map((it) => asm.swapBytes(...it)),
  fc.tuple(size, register, register, offset).map((it) => asm.load(...it)),
  fc
    .tuple(fc.constantFrom<1 | 2 | 4>(1, 2, 4), register, register, offset)
    .map((it) => asm.loadSigned(...it)),
  fc.tuple(size, register, offset, register).map((it) => asm.store(...it)),
  fc.tuple(size, register, offset, imm).map((it) => asm.storeImm(...it)),
  fc.tuple(size, register, register, offset).map((it) => asm.loadAcquire(...it)),
  fc.tuple(size, register, offset, register).map((it) => asm.storeRelease(...it)),
  fc.tuple(atomic, atomicSize, register, offset, register).map(([make, ...rest]) => make(...rest)),
  fc.tuple(register, fc.bigInt(-(1n << 63n), (1n << 64n) - 1n)).map((it) => asm.loadImm64(...it)),
  fc.tuple(register, fc.nat()).map((it) => asm.loadMapFd(...it)),
  fc.tuple(register, fc.nat(), fc.nat()).map((it) => asm.loadMapValue(...it)),
  fc.tuple(register, fc.nat(), fc.nat()).map((it) => asm.loadKernelSymbol(...it)),
  fc.nat({ max: 211 }).map(asm.call),
  fc.tuple(fc.nat(), fc.nat({ max: 100 })).map((it) => asm.callKfunc(...it)),
  fc.constant(asm.exit()),
)

type Branch = (target: asm.Label) => asm.Instruction
const branch: fc.Arbitrary<Branch> = fc.oneof(
  fc.constantFrom<Branch>(asm.jump, asm.jumpLong, asm.mayGoto, asm.callLocal),
  register.map(
    (dst): Branch =>
      (target) =>
        asm.loadFunction(dst, target),
  ),
  fc.tuple(jumpOp, register, operand, width).map(
    ([op, dst, value, bits]): Branch =>
      (target) =>
        asm.jumpIf(op, dst, value, target, bits),
  ),
)

/** Code with a label before each instruction, to which the branches go at random. */
const program: fc.Arbitrary<asm.Item[]> = fc
  .array(fc.oneof(straight, fc.tuple(branch, fc.nat())), { minLength: 1, maxLength: 60 })
  .map((parts) => {
    const labels = parts.map((_, index) => asm.label(`l${index}`))
    return parts.flatMap((part, index) => [
      asm.place(labels[index]),
      Array.isArray(part) ? part[0](labels[part[1] % labels.length]) : part,
    ])
  })

describe('disassemble', () => {
  test('assembling what was disassembled gives the same bytes', () => {
    fc.assert(
      fc.property(program, (items) => {
        const { bytes, count } = asm.assemble(items)
        const decoded = asm.disassemble(bytes)
        assert.deepEqual(asm.assemble(decoded).bytes, bytes)
        assert.deepEqual(asm.disassemble(asm.assemble(decoded).bytes), decoded)
        assert.equal(bytes.length, count * asm.SLOT_SIZE)
        assert.equal(asm.format(bytes).split('\n').length, decoded.length)
      }),
    )
  })

  test('instructions without labels come back as they were', () => {
    fc.assert(
      fc.property(fc.array(straight), (items) => {
        assert.deepEqual(asm.disassemble(asm.assemble(items).bytes), items)
      }),
    )
  })

  test('arbitrary bytes give instructions or a typed error', () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc
        .array(fc.uint8Array({ minLength: 8, maxLength: 8 }), { maxLength: 4 })
        .map((slots) => Uint8Array.from(slots.flatMap((it) => [...it]))),
      fc.tuple(program, fc.nat(), fc.nat({ max: 255 })).map(([items, at, value]) => {
        const { bytes } = asm.assemble(items)
        bytes[at % bytes.length] = value
        return bytes
      }),
    )
    let decodable = 0
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        try {
          const decoded = asm.disassemble(bytes)
          decodable++
          assert.deepEqual(asm.assemble(decoded).bytes, Uint8Array.from(bytes))
          for (const insn of decoded) assert.doesNotMatch(asm.format(insn), /undefined|NaN/)
        } catch (error) {
          if (!(error instanceof asm.AsmError)) throw error
        }
      }),
      { numRuns: 2000 },
    )
    assert.ok(decodable > 0)
  })

  test('what is cut off or unknown is named', () => {
    const wide = asm.assemble([asm.loadImm64(asm.r1, 1n)]).bytes
    assert.throws(() => asm.disassemble(wide.subarray(0, 8)), { code: 'EBPF_ASM_TRUNCATED' })
    assert.throws(() => asm.disassemble(wide.subarray(0, 9)), { code: 'EBPF_ASM_TRUNCATED' })
    assert.throws(() => asm.disassemble(Uint8Array.of(0xff, 0, 0, 0, 0, 0, 0, 0)), {
      code: 'EBPF_ASM_UNKNOWN_OPCODE',
      message: 'disassemble slot 0: opcode 0xff is unknown',
    })
    assert.throws(() => asm.disassemble(Uint8Array.of(0xbf, 0x0b, 0, 0, 0, 0, 0, 0)), {
      code: 'EBPF_ASM_BAD_REGISTER',
    })
    wide[8] = 1
    assert.throws(() => asm.disassemble(wide), { code: 'EBPF_ASM_BAD_INSTRUCTION' })
  })
})
