import type { TestOperator } from '@tetragon-ts/policy'
import type { PolicyCase } from '../policy-case.ts'
import { expressionCases, expressionModels } from './expressions.ts'
import { integerModels, integerOperatorCases } from './integers.ts'
import type { OperatorModel } from './operator-model.ts'
import { otherModels, otherOperatorCases } from './others.ts'
import { socketModels, socketOperatorCases } from './sockets.ts'
import { textCases, textModels } from './text.ts'

/** A file for each family of operators. */
export const operatorCases: readonly PolicyCase[] = [
  ...integerOperatorCases,
  ...textCases,
  ...socketOperatorCases,
  ...otherOperatorCases,
  ...expressionCases,
]

/** Models of all operators: a missing one does not compile. */
export const operatorModels: Readonly<Record<TestOperator, OperatorModel>> = {
  ...integerModels,
  ...textModels,
  ...socketModels,
  ...otherModels,
  ...expressionModels,
}
