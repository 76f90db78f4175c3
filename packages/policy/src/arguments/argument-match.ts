import type { ArgumentOperator, ArgumentTest } from '../operators/index.ts'
import type { Located } from './located.ts'

export type { ArgumentTest, TestOperator, TestValues } from '../operators/index.ts'
export type { Network } from '../operators/networks.ts'

/** One entry of matchArgs, matchData or matchReturnArgs. */
export interface ArgumentMatch extends Located {
  /**
   * Positions in the hook's `args` (or `data`; 0 for the return value). One, except for operators
   * that compare two.
   */
  readonly positions: readonly number[]
  readonly negated: boolean
  readonly test: ArgumentTest
  /**
   * As in the document. For arguments of type `auto` the test is read again once the type is known.
   */
  readonly written: { readonly operator: ArgumentOperator; readonly values: readonly string[] }
}

/** matchCEL: an expression over arguments and items of `data`. */
export interface ExpressionMatch extends ArgumentMatch {
  /** Positions in the hook's `data`. */
  readonly dataPositions: readonly number[]
}
