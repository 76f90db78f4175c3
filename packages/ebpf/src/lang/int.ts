import type { AluOp, JumpOp } from '../asm/index.ts'
import type { Builder } from './builder.ts'
import type { Value, Virtual } from './codegen/ir.ts'
import { Comparison } from './condition.ts'

/** Where an integer is wanted: a value of the program, or a constant. */
export type IntLike = Int | number | bigint

/**
 * A 64-bit integer of the running program. Arithmetic happens at the moment it is written, in
 * program order, and gives a new value. Loads of fewer bits are zero-extended; see {@link signed}.
 */
export class Int {
  readonly builder: Builder
  readonly register: Virtual

  constructor(builder: Builder, register: Virtual) {
    this.builder = builder
    this.register = register
  }

  add(b: IntLike): Int {
    return this.#alu('add', b)
  }
  sub(b: IntLike): Int {
    return this.#alu('sub', b)
  }
  mul(b: IntLike): Int {
    return this.#alu('mul', b)
  }
  /** Unsigned; division by zero gives 0. */
  div(b: IntLike): Int {
    return isZero(b) ? this.and(0) : this.#alu('div', b)
  }
  /** Unsigned; by zero it gives the dividend. */
  mod(b: IntLike): Int {
    return isZero(b) ? this.or(0) : this.#alu('mod', b)
  }
  and(b: IntLike): Int {
    return this.#alu('and', b)
  }
  or(b: IntLike): Int {
    return this.#alu('or', b)
  }
  xor(b: IntLike): Int {
    return this.#alu('xor', b)
  }
  shiftLeft(b: IntLike): Int {
    return this.#alu('lsh', b)
  }
  shiftRight(b: IntLike): Int {
    return this.#alu('rsh', b)
  }
  /** Shifts right and keeps the sign. */
  shiftRightSigned(b: IntLike): Int {
    return this.#alu('arsh', b)
  }
  /** Takes the low `bits` as a signed number. */
  signed(bits: 8 | 16 | 32): Int {
    return this.shiftLeft(64 - bits).shiftRightSigned(64 - bits)
  }
  /** Takes the low 32 bits. */
  low32(): Int {
    return this.#alu('mov', this, 32)
  }
  /** Network byte order to the machine's, or back (little-endian machines). */
  swapBytes(bits: 16 | 32 | 64): Int {
    const dst = this.builder.register()
    this.builder.emit({ op: 'byte-swap', dst, src: this.register, bits })
    return new Int(this.builder, dst)
  }

  eq(b: IntLike): Comparison {
    return this.#compare('eq', b)
  }
  ne(b: IntLike): Comparison {
    return this.#compare('ne', b)
  }
  /** Unsigned, as all comparisons that do not say signed. */
  lt(b: IntLike): Comparison {
    return this.#compare('lt', b)
  }
  le(b: IntLike): Comparison {
    return this.#compare('le', b)
  }
  gt(b: IntLike): Comparison {
    return this.#compare('gt', b)
  }
  ge(b: IntLike): Comparison {
    return this.#compare('ge', b)
  }
  signedLt(b: IntLike): Comparison {
    return this.#compare('slt', b)
  }
  signedLe(b: IntLike): Comparison {
    return this.#compare('sle', b)
  }
  signedGt(b: IntLike): Comparison {
    return this.#compare('sgt', b)
  }
  signedGe(b: IntLike): Comparison {
    return this.#compare('sge', b)
  }
  /** Whether any of these bits is set. */
  has(bits: IntLike): Comparison {
    return this.#compare('set', bits)
  }

  #alu(fn: AluOp, b: IntLike, bits: 32 | 64 = 64): Int {
    const dst = this.builder.register()
    this.builder.emit({ op: 'alu', fn, bits, dst, a: this.register, b: operandOf(b) })
    return new Int(this.builder, dst)
  }

  #compare(fn: JumpOp, b: IntLike): Comparison {
    return new Comparison(this.builder, fn, this.register, operandOf(b))
  }
}

/** An integer that changes while the program runs, such as a position in a buffer. */
export class Variable extends Int {
  set(value: IntLike): void {
    const from = operandOf(value)
    const { builder, register: dst } = this
    if (typeof from === 'number') builder.emit({ op: 'move', dst, src: from })
    else builder.emit({ op: 'constant', dst, value: BigInt(from.constant) })
  }

  /** The value it has now; later changes do not touch it. */
  now(): Int {
    const dst = this.builder.register()
    this.builder.emit({ op: 'move', dst, src: this.register })
    return new Int(this.builder, dst)
  }
}

/** An integer as operations take it: its register, or the constant. */
export function operandOf(value: IntLike): Value {
  return value instanceof Int ? value.register : { constant: value }
}

/** The verifier refuses to divide by a constant zero, though at run time it is not an error. */
function isZero(value: IntLike): boolean {
  return !(value instanceof Int) && BigInt(value) === 0n
}
