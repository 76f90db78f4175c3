import { matchCelCases } from '../operators/expressions.ts'
import type { PolicyCase } from '../policy-case.ts'
import { argumentMatchCases } from './arguments.ts'
import { binaryCases } from './binaries.ts'
import { commandArgumentCases } from './command-arguments.ts'
import { namespaceCases } from './namespaces.ts'
import { pidCases } from './pids.ts'
import { privilegeCases } from './privileges.ts'
import { userSpaceCases } from './user-space.ts'
import { workloadCases } from './workloads.ts'

/** A file for each family of matchers. */
export const matcherCases: readonly PolicyCase[] = [
  ...pidCases,
  ...binaryCases,
  ...commandArgumentCases,
  ...namespaceCases,
  ...privilegeCases,
  ...workloadCases,
  ...argumentMatchCases,
  ...matchCelCases,
  ...userSpaceCases,
]
