import type { CelExpression } from '../cel/conditions/expression.ts'
import type { OperatorFamily } from './operator.ts'

/** An expression over all arguments (see checks/check-expression.ts). */
export interface ExpressionTests {
  cel: { readonly expression: CelExpression }
}

export const expressionOperators = {
  CelExpr: {
    kinds: [],
    count: 'one',
    operands: 'named',
    crdPosition: 34,
    doc: {
      values: 'an expression',
      meaning:
        'Deprecated in Tetragon: use `matchCEL`. The expression is true. `arg0` is the first of ' +
        '`args` (in `matchData`: of `data`).',
    },
  },
} satisfies OperatorFamily<ExpressionTests>
