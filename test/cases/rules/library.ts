import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LinkedRules, linkRules, type RuleDiagnostic, readRules } from '@tetragon-ts/rules'
import { repositoryRoot } from '../../vm/repository.ts'
import type { Triggers } from './trigger.ts'
import { collection } from './triggers/collection.ts'
import { commandAndControl } from './triggers/command-and-control.ts'
import { credentialAccess } from './triggers/credential-access.ts'
import { defenseEvasion } from './triggers/defense-evasion.ts'
import { discovery } from './triggers/discovery.ts'
import { execution } from './triggers/execution.ts'
import { exfiltration } from './triggers/exfiltration.ts'
import { impact } from './triggers/impact.ts'
import { lateralMovement } from './triggers/lateral-movement.ts'
import { persistence } from './triggers/persistence.ts'
import { privilegeEscalation } from './triggers/privilege-escalation.ts'

/** The folder of the library. */
export const ruleLibrary = join(repositoryRoot, 'policies/rules')

/** Triggers of all rules except those that only count for correlations. */
export const triggers: Triggers = {
  ...collection,
  ...commandAndControl,
  ...credentialAccess,
  ...defenseEvasion,
  ...discovery,
  ...execution,
  ...exfiltration,
  ...impact,
  ...lateralMovement,
  ...persistence,
  ...privilegeEscalation,
}

/** The library, with what is wrong with it. */
export function readLibrary(): {
  readonly linked: LinkedRules
  readonly diagnostics: readonly RuleDiagnostic[]
} {
  const files = readdirSync(ruleLibrary, { recursive: true, encoding: 'utf8' })
  const read = files
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => readRules(readFileSync(join(ruleLibrary, name), 'utf8'), name))
  const linked = linkRules(read.flatMap(({ items }) => items))
  const diagnostics = [...read.flatMap((each) => each.diagnostics), ...linked.diagnostics]
  return { linked, diagnostics }
}
