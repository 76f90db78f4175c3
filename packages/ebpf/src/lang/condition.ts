import type { JumpOp } from '../asm/index.ts'
import type { Builder } from './builder.ts'
import type { Target, Value, Virtual } from './codegen/ir.ts'

/** A condition, or one to be computed only if the first did not decide already. */
export type Later = Condition | (() => Condition)

/** Something that is true or false when control reaches it; it becomes jumps, never a value. */
export abstract class Condition {
  readonly builder: Builder

  constructor(builder: Builder) {
    this.builder = builder
  }

  abstract jumpIf(to: Target): void
  abstract jumpUnless(to: Target): void

  /** True if both are. Give a function where the second reads what only the first makes safe. */
  and(second: Later): Condition {
    return new Both(this, second)
  }

  /** True if one is. A function as the second runs only when the first is false. */
  or(second: Later): Condition {
    return new Either(this, second)
  }

  not(): Condition {
    return new Not(this)
  }
}

const inverse: Partial<Record<JumpOp, JumpOp>> = {
  eq: 'ne',
  ne: 'eq',
  lt: 'ge',
  ge: 'lt',
  gt: 'le',
  le: 'gt',
  slt: 'sge',
  sge: 'slt',
  sgt: 'sle',
  sle: 'sgt',
}

/** Two integers compared. */
export class Comparison extends Condition {
  readonly #fn: JumpOp
  readonly #a: Virtual
  readonly #b: Value

  constructor(builder: Builder, fn: JumpOp, a: Virtual, b: Value) {
    super(builder)
    this.#fn = fn
    this.#a = a
    this.#b = b
  }

  jumpIf(to: Target): void {
    this.#jump(this.#fn, to)
  }

  jumpUnless(to: Target): void {
    const fn = inverse[this.#fn]
    if (fn) return this.#jump(fn, to)
    const over = this.builder.target('set')
    this.#jump(this.#fn, over)
    this.builder.jump(to)
    this.builder.place(over)
  }

  #jump(fn: JumpOp, to: Target): void {
    this.builder.emit({ op: 'branch', fn, bits: 64, a: this.#a, b: this.#b, to })
  }
}

abstract class Pair extends Condition {
  protected readonly first: Condition
  readonly #second: Later

  constructor(first: Condition, second: Later) {
    super(first.builder)
    this.first = first
    this.#second = second
  }

  /** The second condition; what it reads is emitted here. */
  protected second(): Condition {
    return typeof this.#second === 'function' ? this.#second() : this.#second
  }
}

class Both extends Pair {
  jumpIf(to: Target): void {
    const no = this.builder.target('no')
    this.first.jumpUnless(no)
    this.second().jumpIf(to)
    this.builder.place(no)
  }

  jumpUnless(to: Target): void {
    this.first.jumpUnless(to)
    this.second().jumpUnless(to)
  }
}

class Either extends Pair {
  jumpIf(to: Target): void {
    this.first.jumpIf(to)
    this.second().jumpIf(to)
  }

  jumpUnless(to: Target): void {
    const yes = this.builder.target('yes')
    this.first.jumpIf(yes)
    this.second().jumpUnless(to)
    this.builder.place(yes)
  }
}

class Not extends Condition {
  readonly #inner: Condition

  constructor(inner: Condition) {
    super(inner.builder)
    this.#inner = inner
  }

  jumpIf(to: Target): void {
    this.#inner.jumpUnless(to)
  }

  jumpUnless(to: Target): void {
    this.#inner.jumpIf(to)
  }
}
