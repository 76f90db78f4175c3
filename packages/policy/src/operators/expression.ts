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
        'The expression is true. `arg0` is the first of `args`. Operators: `+` `-` `&&` `||` `!` ' +
        '`==` `!=` `<` `<=` `>` `>=`; functions: `int32()` `uint32()` `and()` `or()` `xor()` `not()`. ' +
        'Both sides must have the same type of 32 or 64 bits; literal numbers get the type of the ' +
        'other side.',
    },
  },
} satisfies OperatorFamily<ExpressionTests>
