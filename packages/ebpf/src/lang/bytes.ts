import type { Size } from '../asm/index.ts'
import type { Builder } from './builder.ts'
import type { Argument, Base } from './codegen/ir.ts'
import { Int, type IntLike, valueOf } from './int.ts'

/** Raw memory of the program's own: a stack buffer, scratch memory, space in the ring. */
export class Bytes {
  readonly builder: Builder
  readonly base: Base
  readonly offset: number

  constructor(builder: Builder, base: Base, offset = 0) {
    this.builder = builder
    this.base = base
    this.offset = offset
  }

  /**
   * The memory that starts `offset` bytes further on. A variable offset must have bounds that the
   * verifier sees: mask it.
   */
  at(offset: IntLike): Bytes {
    if (typeof offset !== 'object') {
      return new Bytes(this.builder, this.base, this.offset + Number(offset))
    }
    const base = typeof this.base === 'number' ? this.base : this.address().register
    const dst = this.builder.register()
    this.builder.emit({ op: 'alu', fn: 'add', bits: 64, dst, a: base, b: valueOf(offset) })
    return new Bytes(this.builder, dst, typeof this.base === 'number' ? this.offset : 0)
  }

  load(size: Size, offset = 0): Int {
    const dst = this.builder.register()
    this.builder.emit({ op: 'load', dst, size, base: this.base, offset: this.offset + offset })
    return new Int(this.builder, dst)
  }

  store(size: Size, offset: number, value: IntLike): void {
    const src = valueOf(value)
    this.builder.emit({ op: 'store', size, base: this.base, offset: this.offset + offset, src })
  }

  /** Where it lies, as an integer. */
  address(): Int {
    const { builder, base, offset } = this
    if (typeof base === 'number' && offset === 0) return new Int(builder, base)
    const dst = builder.register()
    if (typeof base === 'number') {
      builder.emit({ op: 'alu', fn: 'add', bits: 64, dst, a: base, b: { constant: offset } })
    } else {
      builder.emit({ op: 'slot-address', dst, slot: base, at: offset })
    }
    return new Int(builder, dst)
  }

  /** The address as an argument of a helper call. */
  argument(): Argument {
    if (typeof this.base !== 'number') return { slot: this.base, at: this.offset }
    return this.address().register
  }
}
