import type { AluOp, JumpOp, Size } from '../../asm/index.ts'
import type { MapSpec } from '../../maps/index.ts'
import type { SourcePosition } from '../../platform/source-position.ts'

/** A virtual register: their number is not limited. */
export type Virtual = number

/** A fixed piece of the 512-byte stack; its place is chosen when registers are allocated. */
export interface Slot {
  readonly size: number
  /** Slots are numbered in the order they were asked for. */
  readonly id: number
  /** Bytes below the frame pointer; set by the allocator. */
  offset?: number
}

/** A place that jumps go to. */
export interface Target {
  readonly name: string
}

/** A function of the program: code with registers and a stack frame of its own. */
export interface LocalFunction {
  readonly name: string
  /** Names of its parameters, for listings. */
  readonly parameters: readonly string[]
  readonly body: Op[]
  readonly entry: Target
  /** Whether the verifier walks it apart from its callers; its parameters are numbers then. */
  readonly isGlobal?: boolean
}

/** What an operation reads where a register is not needed. */
export type Value = Virtual | { readonly constant: number | bigint }

/** An argument of a helper call. */
export type Argument =
  | Value
  | { readonly slot: Slot; readonly at: number }
  | { readonly map: MapSpec }
  | { readonly callback: LocalFunction }

/** Where memory is accessed: relative to a pointer or inside a stack slot. */
export type Base = Virtual | Slot

/**
 * The operations between the language and real instructions: three addresses, virtual registers.
 */
export type Operation =
  | { op: 'context'; dst: Virtual }
  | { op: 'callback-argument'; dst: Virtual; index: 1 | 2 }
  | { op: 'constant'; dst: Virtual; value: bigint }
  | { op: 'slot-address'; dst: Virtual; slot: Slot; at: number }
  | { op: 'map'; dst: Virtual; map: MapSpec }
  | { op: 'map-value'; dst: Virtual; map: MapSpec; at: number }
  | { op: 'move'; dst: Virtual; src: Virtual }
  | { op: 'alu'; fn: AluOp; bits: 32 | 64; dst: Virtual; a: Virtual; b: Value }
  | { op: 'byte-swap'; dst: Virtual; src: Virtual; bits: 16 | 32 | 64 }
  | { op: 'load'; dst: Virtual; size: Size; base: Base; offset: number }
  | { op: 'store'; size: Size; base: Base; offset: number; src: Value }
  | { op: 'atomic-add'; size: 4 | 8; base: Base; offset: number; src: Virtual }
  | { op: 'exchange'; dst: Virtual; size: 4 | 8; base: Base; offset: number; src: Virtual }
  | {
      op: 'call'
      /** The helper's number, or of a kernel function its id in BTF. */
      helper: number
      kfunc?: boolean
      /** Calls this function of the program instead of a helper. */
      local?: LocalFunction
      args: Argument[]
      dst?: Virtual
      pure?: boolean
    }
  | { op: 'jump'; to: Target }
  | { op: 'branch'; fn: JumpOp; bits: 32 | 64; a: Virtual; b: Value; to: Target }
  | { op: 'place'; target: Target }
  | { op: 'exit'; value: Value }

/** An operation with the line that asked for it and a word on what it does. */
export type Op = Operation & { position?: SourcePosition; note?: string }

export function isVirtual(value: Value | Argument | Base): value is Virtual {
  return typeof value === 'number'
}

export function isSlot(base: Base): base is Slot {
  return typeof base !== 'number'
}

/** The register an operation writes, if any. */
export function written(op: Operation): Virtual | undefined {
  return 'dst' in op ? op.dst : undefined
}

/** Calls `use` with every register that an operation reads. */
export function eachRead(op: Operation, use: (register: Virtual) => void): void {
  switch (op.op) {
    case 'move':
    case 'byte-swap':
      use(op.src)
      break
    case 'alu':
    case 'branch':
      use(op.a)
      if (isVirtual(op.b)) use(op.b)
      break
    case 'load':
      if (isVirtual(op.base)) use(op.base)
      break
    case 'store':
      if (isVirtual(op.base)) use(op.base)
      if (isVirtual(op.src)) use(op.src)
      break
    case 'atomic-add':
    case 'exchange':
      if (isVirtual(op.base)) use(op.base)
      use(op.src)
      break
    case 'call':
      for (const arg of op.args) if (isVirtual(arg)) use(arg)
      break
    case 'exit':
      if (isVirtual(op.value)) use(op.value)
      break
  }
}

/** Calls `use` with every stack slot that an operation refers to. */
export function eachSlot(op: Operation, use: (slot: Slot) => void): void {
  if (op.op === 'slot-address') use(op.slot)
  if ('base' in op && isSlot(op.base)) use(op.base)
  if (op.op !== 'call') return
  for (const arg of op.args) if (!isVirtual(arg) && 'slot' in arg) use(arg.slot)
}

/** Whether an operation may vanish when its result is not read. */
export function isPure(op: Operation): boolean {
  switch (op.op) {
    case 'context':
    case 'callback-argument':
    case 'constant':
    case 'slot-address':
    case 'map':
    case 'map-value':
    case 'move':
    case 'alu':
    case 'byte-swap':
    case 'load':
      return true
    case 'call':
      return op.pure === true
    default:
      return false
  }
}
