import type { UsdtArgument } from '@tetragon-ts/ebpf/elf'
import type { Code, Int } from '@tetragon-ts/ebpf/lang'
import type { Hit } from '../hook/hit.ts'
import { isError, readOrWait } from '../hook/memory.ts'
import { contextRegister } from '../hook/registers.ts'

/** An argument of a static probe at a hit. */
export interface ReadOperand {
  /** With 64 bits, extended by its own size and sign. */
  readonly value: () => Int
  /** 1 if it could not be read, else 0; undefined if that is not possible. */
  readonly failed?: Int
}

type InMemory = Extract<UsdtArgument, { kind: 'memory' }>

/**
 * Reads the arguments in memory now, where no branch has been taken: all of the program may use
 * them. Those in registers are read on use.
 */
export function readOperands(
  hit: Hit,
  operands: ReadonlyMap<number, UsdtArgument>,
): ReadonlyMap<number, ReadOperand> {
  return new Map([...operands].map(([index, each]) => [index, readOperand(hit, each)]))
}

function readOperand(hit: Hit, operand: UsdtArgument): ReadOperand {
  const { k } = hit
  switch (operand.kind) {
    case 'constant':
      return { value: () => k.constant(BigInt.asIntN(64, operand.value)) }
    case 'register':
      return {
        value: () => extended(registerOf(k, operand.register).shiftRight(operand.shift), operand),
      }
    case 'memory': {
      const memory = k.stackBytes(8)
      memory.store(8, 0, 0)
      const address = addressOf(k, operand)
      const result = readOrWait(hit, memory, operand.size, address)
      const failed = k.variable(isError(result))
      // An address that could not be read is not NULL, which would have no value.
      return { value: () => extended(memory.load(operand.size), operand).or(failed), failed }
    }
    default:
      throw new RangeError('an argument that was not checked')
  }
}

/** The address of an argument in memory. @throws RangeError if it is elsewhere */
export function operandAddress(k: Code, operand: UsdtArgument | undefined): Int {
  if (operand?.kind !== 'memory') throw new RangeError('an argument that is not in memory')
  return addressOf(k, operand)
}

/** At a breakpoint, `rip` is the address of the probe. */
function addressOf(k: Code, { register, displacement, index, scale = 1 }: InMemory): Int {
  const base = registerOf(k, register).add(BigInt(displacement))
  return index === undefined ? base : base.add(registerOf(k, index).mul(scale))
}

function registerOf(k: Code, name: string): Int {
  const value = contextRegister(k, name)
  if (!value) throw new RangeError(`a register that was not checked: ${name}`)
  return value
}

function extended(value: Int, { size, signed }: UsdtArgument): Int {
  if (size === 8) return value
  const bits = (size * 8) as 8 | 16 | 32
  return signed ? value.signed(bits) : value.and((1n << BigInt(bits)) - 1n)
}
