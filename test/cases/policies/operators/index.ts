import type { PolicyCase } from '../policy-case.ts'
import { integerOperatorCases } from './integers.ts'
import { otherOperatorCases } from './others.ts'
import { socketOperatorCases } from './sockets.ts'
import { textCases } from './text.ts'

/** A file for each family of operators. */
export const operatorCases: readonly PolicyCase[] = [
  ...integerOperatorCases,
  ...textCases,
  ...socketOperatorCases,
  ...otherOperatorCases,
]
