import * as asm from '../../asm/index.ts'
import type { MapSpec } from '../../maps/index.ts'
import { chunkOps, type Steps } from '../../steps/index.ts'
import {
  type Argument,
  type Base,
  isVirtual,
  type LocalFunction,
  type Op,
  type Target,
  type Value,
  type Virtual,
} from './ir.ts'
import type { Allocation } from './registers.ts'
import { StackCopies } from './stack-copies.ts'

const { r0, r1, r10 } = asm
const argumentRegisters = [asm.r1, asm.r2, asm.r3, asm.r4, asm.r5]

/** What lowering asks of its surroundings. */
export interface LowerContext {
  mapFd(map: MapSpec): number
  functionLabel(local: LocalFunction): asm.Label
}

/**
 * Turns operations into instructions. r0 and r1 are never allocated to values: r0 holds spilled
 * results and sources, r1 spilled pointers and second operands.
 * @param items where the instructions are added
 */
export function lower(
  ops: readonly Op[],
  allocation: Allocation,
  context: LowerContext,
  items: asm.Item[],
): Steps<void> {
  return new Lowering(allocation, context, items).run(ops)
}

/** An argument of a call that is not in its register yet. */
interface PendingArgument {
  readonly arg: Argument
  readonly to: asm.Register
  /** The register that it is in. */
  readonly from: asm.Register | undefined
}

class Lowering {
  readonly #allocation: Allocation
  readonly #context: LowerContext
  readonly #items: asm.Item[]
  readonly #labels = new Map<Target, asm.Label>()
  readonly #copies = new StackCopies()
  #op!: Op

  constructor(allocation: Allocation, context: LowerContext, items: asm.Item[]) {
    this.#allocation = allocation
    this.#context = context
    this.#items = items
  }

  *run(ops: readonly Op[]): Steps<void> {
    for (let i = 0; i < ops.length; i++) {
      this.#op = ops[i]
      this.#lower(ops[i])
      if (i % chunkOps === chunkOps - 1) yield
    }
  }

  #emit(instruction: asm.Instruction): void {
    instruction.position = this.#op.position
    instruction.note = this.#op.note
    this.#items.push(instruction)
    this.#copies.follow(instruction)
  }

  #lower(op: Op): void {
    switch (op.op) {
      case 'context':
        return this.#write(op.dst, r1)
      case 'callback-argument':
        return this.#write(op.dst, asm.reg(op.index))
      case 'constant':
        return this.#into(op.dst, (dst) => this.#constant(dst, op.value))
      case 'slot-address':
        return this.#into(op.dst, (dst) => this.#slotAddress(dst, op.slot.offset! + op.at))
      case 'map':
        return this.#into(op.dst, (dst) =>
          this.#emit(asm.loadMapFd(dst, this.#context.mapFd(op.map))),
        )
      case 'map-value':
        return this.#into(op.dst, (dst) =>
          this.#emit(asm.loadMapValue(dst, this.#context.mapFd(op.map), op.at)),
        )
      case 'move':
        return this.#write(op.dst, this.#read(op.src, r0))
      case 'alu':
        return this.#alu(op.fn, op.bits, op.dst, op.a, op.b)
      case 'byte-swap':
        return this.#into(op.dst, (dst) => {
          this.#move(dst, this.#read(op.src, dst))
          this.#emit(asm.toBigEndian(dst, op.bits))
        })
      case 'load': {
        const { register, offset } = this.#base(op.base, op.offset)
        return this.#into(op.dst, (dst) => this.#emit(asm.load(op.size, dst, register, offset)))
      }
      case 'store':
        return this.#store(op.size, op.base, op.offset, op.src)
      case 'atomic-add': {
        const { register, offset } = this.#base(op.base, op.offset)
        return this.#emit(asm.atomicAdd(op.size, register, offset, this.#read(op.src, r0)))
      }
      case 'exchange': {
        this.#move(r0, this.#read(op.src, r0))
        const { register, offset } = this.#base(op.base, op.offset)
        this.#emit(asm.atomicExchange(op.size, register, offset, r0))
        return this.#write(op.dst, r0)
      }
      case 'call':
        this.#arguments(op.args)
        this.#emit(this.#call(op))
        if (op.dst !== undefined) this.#write(op.dst, r0)
        return
      case 'jump':
        return this.#emit(asm.jump(this.#label(op.to)))
      case 'branch': {
        const a = this.#read(op.a, r0)
        const b = this.#operand(op.b, r1)
        return this.#emit(asm.jumpIf(op.fn, a, b, this.#label(op.to), { bits: op.bits }))
      }
      case 'place':
        this.#items.push(asm.place(this.#label(op.target)))
        this.#copies.clear()
        return
      case 'exit':
        if (isVirtual(op.value)) this.#move(r0, this.#read(op.value, r0))
        else this.#constant(r0, BigInt(op.value.constant))
        return this.#emit(asm.exit())
    }
  }

  #call({ helper, kfunc, local }: Op & { op: 'call' }): asm.Instruction {
    if (local) return asm.callLocal(this.#context.functionLabel(local))
    return kfunc ? asm.callKfunc(helper) : asm.call(helper)
  }

  #alu(fn: asm.AluOp, bits: 32 | 64, dst: Virtual, a: Virtual, b: Value): void {
    const operand = this.#operand(b, r1)
    const location = this.#allocation.location[dst]
    // dst may be b's register when b's life ends here: then the sum is made in r0.
    const clash = typeof location === 'number' && operand === asm.reg(location)
    const target = typeof location === 'number' && !clash ? asm.reg(location) : r0
    this.#move(target, this.#read(a, target))
    this.#emit(asm.alu(fn, target, operand, { bits }))
    this.#write(dst, target)
  }

  #store(size: asm.Size, base: Base, at: number, src: Value): void {
    const { register, offset } = this.#base(base, at)
    if (isVirtual(src)) {
      return this.#emit(asm.store(size, register, offset, this.#read(src, r0)))
    }
    const value = BigInt.asIntN(64, BigInt(src.constant))
    const narrow = size < 8 ? BigInt.asIntN(size * 8, value) : value
    if (narrow === BigInt.asIntN(32, narrow)) {
      return this.#emit(asm.storeImm(size, register, offset, Number(narrow)))
    }
    this.#constant(r0, value)
    this.#emit(asm.store(size, register, offset, r0))
  }

  /** Argument registers are filled in an order that overwrites no value still to be read. */
  #arguments(args: readonly Argument[]): void {
    const pending = args.map((arg, i) => ({ arg, to: argumentRegisters[i], from: this.#held(arg) }))
    this.#fillReady(pending)
    while (pending.length > 0) {
      // A cycle, such as r2 and r3 that change places: one value steps aside to r0.
      const [{ to, from }] = pending.splice(0, 1)
      this.#move(r0, from as asm.Register)
      this.#fillReady(pending)
      this.#move(to, r0)
    }
  }

  /** The real register of an argument; undefined if it is not in one. */
  #held(arg: Argument): asm.Register | undefined {
    if (!isVirtual(arg)) return undefined
    const location = this.#allocation.location[arg]
    return typeof location === 'number' ? asm.reg(location) : undefined
  }

  /** Fills registers that hold no other pending argument, until there are none. */
  #fillReady(pending: PendingArgument[]): void {
    for (let i = 0; i < pending.length; ) {
      const next = pending[i]
      if (pending.some((other) => other !== next && other.from === next.to)) {
        i++
        continue
      }
      pending.splice(i, 1)
      this.#argument(next.to, next.arg)
      // An earlier one may have waited for it.
      i = 0
    }
  }

  #argument(to: asm.Register, arg: Argument): void {
    if (isVirtual(arg)) return this.#move(to, this.#read(arg, to))
    if ('constant' in arg) return this.#constant(to, BigInt(arg.constant))
    if ('slot' in arg) return this.#slotAddress(to, arg.slot.offset! + arg.at)
    if ('map' in arg) return this.#emit(asm.loadMapFd(to, this.#context.mapFd(arg.map)))
    this.#emit(asm.loadFunction(to, this.#context.functionLabel(arg.callback)))
  }

  #slotAddress(to: asm.Register, offset: number): void {
    this.#emit(asm.mov(to, r10))
    this.#emit(asm.add(to, offset))
  }

  #constant(to: asm.Register, value: bigint): void {
    const signed = BigInt.asIntN(64, value)
    if (signed === BigInt.asIntN(32, signed)) this.#emit(asm.mov(to, Number(signed)))
    else this.#emit(asm.loadImm64(to, BigInt.asUintN(64, value)))
  }

  /**
   * The real register of a value; a spilled one is loaded into `spare`, unless it is there still.
   */
  #read(register: Virtual, spare: asm.Register): asm.Register {
    const location = this.#allocation.location[register]
    if (typeof location === 'number') return asm.reg(location)
    const offset = location.offset!
    if (this.#copies.has(spare, offset)) return spare
    this.#emit(asm.load(8, spare, r10, offset))
    this.#copies.add(spare, offset)
    return spare
  }

  #operand(value: Value, spare: asm.Register): asm.Operand {
    if (isVirtual(value)) return this.#read(value, spare)
    const constant = BigInt.asIntN(64, BigInt(value.constant))
    if (constant === BigInt.asIntN(32, constant)) return Number(constant)
    this.#constant(spare, constant)
    return spare
  }

  #base(base: Base, offset: number): { register: asm.Register; offset: number } {
    if (isVirtual(base)) return { register: this.#read(base, r1), offset }
    return { register: r10, offset: base.offset! + offset }
  }

  /** Lets `make` produce a value in its register; a spilled one goes through r0. */
  #into(dst: Virtual, make: (register: asm.Register) => void): void {
    const location = this.#allocation.location[dst]
    const register = typeof location === 'number' ? asm.reg(location) : r0
    make(register)
    this.#write(dst, register)
  }

  #write(dst: Virtual, from: asm.Register): void {
    const location = this.#allocation.location[dst]
    if (typeof location === 'number') return this.#move(asm.reg(location), from)
    const offset = location.offset!
    this.#emit(asm.store(8, r10, offset, from))
    this.#copies.add(from, offset)
  }

  #move(to: asm.Register, from: asm.Register): void {
    if (to !== from) this.#emit(asm.mov(to, from))
  }

  #label(target: Target): asm.Label {
    let known = this.#labels.get(target)
    if (!known) {
      known = asm.label(target.name)
      this.#labels.set(target, known)
    }
    return known
  }
}
