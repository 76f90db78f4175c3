import type { ArgumentValue, IntegerFacet, Operand } from '@tetragon-ts/compiler/testing'
import type { Bytes } from '@tetragon-ts/ebpf/lang'
import type { ArgumentTest } from '@tetragon-ts/policy'
import fc from 'fast-check'

/** A random test of arguments, and the expected result for each input. */
export interface Trial {
  readonly test: ArgumentTest
  /** How a program reads the arguments from an input. */
  operands(input: Bytes): readonly Operand[]
  readonly inputs: readonly Uint8Array[]
  readonly expected: readonly boolean[]
}

/** Facets that operators use. Operators with the same facets are tested in one run. */
export interface Subject {
  readonly name: string
  /** Number of trials. */
  readonly runs: number
  /** Whether programs have loops, which are unrolled for kernels without bpf_loop. */
  readonly hasLoops?: true
}

/** The meaning of an operator: a short function that computes the expected results. */
export interface OperatorModel {
  readonly subject: Subject
  readonly trials: fc.Arbitrary<Trial>
}

/** An argument with only this facet. */
export function operand(
  value: Partial<ArgumentValue>,
  text?: Operand['text'],
  position = 0,
): Operand {
  return { list: 'args', position, value: { fields: () => ({}), ...value }, text }
}

/** Integer form of a type. */
export interface IntegerForm {
  readonly bits: IntegerFacet['bits']
  readonly signed: boolean
}

/** A number as an integer of a type. */
export function wrap(value: bigint, { bits, signed }: IntegerForm): bigint {
  return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)
}

/** Eight input bytes as an integer of a type, as argument types read them. */
export function integerAt(input: Bytes, offset: number, form: IntegerForm): IntegerFacet {
  const { bits, signed } = form
  const whole = input.load(8, offset)
  const value =
    bits === 64 ? whole : signed ? whole.signed(bits) : whole.and((1n << BigInt(bits)) - 1n)
  return { value, signed, bits }
}

/** Numbers of eight bytes each, concatenated. */
export function words(...values: readonly bigint[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values, (value) => BigInt.asUintN(64, value)).buffer)
}

/** Values near zero, near powers of two, and anything. */
export const word: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: -20n, max: 20n }),
  fc
    .record({ bit: fc.integer({ min: 0, max: 63 }), near: fc.bigInt({ min: -2n, max: 2n }) })
    .map(({ bit, near }) => (1n << BigInt(bit)) + near),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
)
