import { actionCases } from './actions/index.ts'
import { argumentCases } from './arguments/index.ts'
import { hookCases } from './hooks/index.ts'
import { matcherCases } from './matchers/index.ts'
import { operatorCases } from './operators/index.ts'
import type { Construct, PolicyCase } from './policy-case.ts'
import { selectorCases } from './selectors/index.ts'

/** The kinds of constructs in the order of the table, with their headings. */
export const kinds: Readonly<Record<Construct['kind'], string>> = {
  hook: 'Hooks',
  argument: 'Argument types',
  operator: 'Operators',
  matcher: 'Matchers',
  selector: 'Selectors',
  action: 'Actions',
}

/** The suite. */
export const allCases: readonly PolicyCase[] = [
  ...hookCases,
  ...argumentCases,
  ...operatorCases,
  ...matcherCases,
  ...selectorCases,
  ...actionCases,
]
