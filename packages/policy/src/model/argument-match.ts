import type { CelExpression } from '../cel.ts'
import type { ArgumentOperator } from '../schema/operators.ts'
import type { Located } from './located.ts'

/** One entry of matchArgs, matchData or matchReturnArgs. */
export interface ArgumentMatch extends Located {
  /**
   * Which arguments: positions in the hook's `args` (or `data`; 0 for the result). One, but for
   * operators that compare two.
   */
  readonly positions: readonly number[]
  readonly negated: boolean
  readonly test: ArgumentTest
  /**
   * As in the document. For arguments of type `auto` read the test again once the type is known.
   */
  readonly written: { readonly operator: ArgumentOperator; readonly values: readonly string[] }
}

type Range = readonly [from: bigint, to: bigint]

/**
 * What each operator compares with. Values are alternatives. Signed values are given as such; the
 * compiler truncates.
 */
export interface TestValues {
  equal: { readonly values: readonly bigint[] }
  greater: { readonly value: bigint }
  less: { readonly value: bigint }
  /** Any of these bits; several masks are or-ed. */
  mask: { readonly mask: bigint }
  /** Both ends belong to a range. */
  range: { readonly ranges: readonly Range[] }
  'in-map': { readonly ranges: readonly Range[]; readonly lists: readonly string[] }
  'equal-string': { readonly strings: readonly Uint8Array[] }
  prefix: { readonly strings: readonly Uint8Array[] }
  postfix: { readonly strings: readonly Uint8Array[] }
  substring: { readonly strings: readonly Uint8Array[] }
  'substring-ignore-case': { readonly strings: readonly Uint8Array[] }
  'source-address': { readonly networks: readonly Network[] }
  'destination-address': { readonly networks: readonly Network[] }
  /** SPortPriv and DPortPriv become the range 0 to 1023. */
  'source-port': { readonly ranges: readonly Range[] }
  'destination-port': { readonly ranges: readonly Range[] }
  protocol: { readonly values: readonly bigint[] }
  family: { readonly values: readonly bigint[] }
  state: { readonly values: readonly bigint[] }
  'capabilities-gained': object
  /** S_IFMT values of include/uapi/linux/stat.h. */
  'file-type': { readonly values: readonly bigint[] }
  cel: { readonly expression: CelExpression }
}
export type TestOperator = keyof TestValues

/** A test of an argument, by one of the operators `N`. */
export type ArgumentTest<N extends TestOperator = TestOperator> = {
  readonly [O in N]: { readonly operator: O } & TestValues[O]
}[N]

/** Addresses that begin with the same bits. */
export interface Network {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array
  readonly bits: number
}
