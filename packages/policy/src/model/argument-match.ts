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

/** Values are alternatives. Signed values are given as such; the compiler truncates. */
export type ArgumentTest =
  | { readonly operator: 'equal'; readonly values: readonly bigint[] }
  | { readonly operator: 'greater' | 'less'; readonly value: bigint }
  /** Any of these bits; several masks are or-ed. */
  | { readonly operator: 'mask'; readonly mask: bigint }
  /** Both ends belong to a range. */
  | { readonly operator: 'range'; readonly ranges: readonly (readonly [bigint, bigint])[] }
  | {
      readonly operator: 'in-map'
      readonly ranges: readonly (readonly [bigint, bigint])[]
      readonly lists: readonly string[]
    }
  | {
      readonly operator:
        | 'equal-string'
        | 'prefix'
        | 'postfix'
        | 'substring'
        | 'substring-ignore-case'
      readonly strings: readonly Uint8Array[]
    }
  | {
      readonly operator: 'source-address' | 'destination-address'
      readonly networks: readonly Network[]
    }
  /** SPortPriv and DPortPriv become the range 0 to 1023. */
  | {
      readonly operator: 'source-port' | 'destination-port'
      readonly ranges: readonly (readonly [bigint, bigint])[]
    }
  | { readonly operator: 'protocol' | 'family' | 'state'; readonly values: readonly bigint[] }
  | { readonly operator: 'capabilities-gained' }
  /** S_IFMT values of include/uapi/linux/stat.h. */
  | { readonly operator: 'file-type'; readonly values: readonly bigint[] }
  | { readonly operator: 'cel'; readonly expression: CelExpression }

/** Addresses that begin with the same bits. */
export interface Network {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array
  readonly bits: number
}
