import type { Size } from '../asm/index.ts'
import type { Builder } from './builder.ts'
import type { Argument, Base } from './codegen/ir.ts'
import { Int, type IntLike, operandOf } from './int.ts'

const largestOffset = 0x7000

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
      const moved = new Bytes(this.builder, this.base, this.offset + Number(offset))
      // Loads and stores reach 32 KiB; beyond that the pointer itself moves.
      return moved.offset < largestOffset
        ? moved
        : new Bytes(this.builder, moved.address().register)
    }
    const base = typeof this.base === 'number' ? this.base : this.address().register
    const dst = this.builder.register()
    this.builder.emit({ op: 'alu', fn: 'add', bits: 64, dst, a: base, b: operandOf(offset) })
    return new Bytes(this.builder, dst, typeof this.base === 'number' ? this.offset : 0)
  }

  load(size: Size, offset = 0): Int {
    const dst = this.builder.register()
    this.builder.emit({ op: 'load', dst, size, base: this.base, offset: this.offset + offset })
    return new Int(this.builder, dst)
  }

  store(size: Size, offset: number, value: IntLike): void {
    const src = operandOf(value)
    this.builder.emit({ op: 'store', size, base: this.base, offset: this.offset + offset, src })
  }

  /** Eight of the bytes as a variable. */
  cell(offset: number, initial: IntLike = 0): Cell {
    const cell = new Cell(this, offset)
    cell.set(initial)
    return cell
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

/**
 * A variable in map memory, where the verifier does not follow its value. Counters of loops belong
 * here: in a register, the range would be a new one in each round, and the verifier would walk
 * them all.
 */
export class Cell {
  readonly #bytes: Bytes
  readonly #offset: number

  constructor(bytes: Bytes, offset: number) {
    this.#bytes = bytes
    this.#offset = offset
  }

  get(): Int {
    return this.#bytes.load(8, this.#offset)
  }

  set(value: IntLike): void {
    this.#bytes.store(8, this.#offset, value)
  }
}
