import type { Tactic } from '../action.ts'
import { collection } from './collection.ts'
import { commandAndControl } from './command-and-control.ts'
import { credentialAccess } from './credential-access.ts'
import { defenseEvasion } from './defense-evasion.ts'
import { defenseImpairment } from './defense-impairment.ts'
import { discovery } from './discovery.ts'
import { execution } from './execution.ts'
import { exfiltration } from './exfiltration.ts'
import { impact } from './impact.ts'
import { initialAccess } from './initial-access.ts'
import { lateralMovement } from './lateral-movement.ts'
import { persistence } from './persistence.ts'
import { privilegeEscalation } from './privilege-escalation.ts'

/** Actions that were written without knowledge of the rules and of the other actions, by tactic. */
export const blindCatalogue: readonly Tactic[] = [
  { title: 'Initial access', actions: initialAccess },
  { title: 'Execution', actions: execution },
  { title: 'Persistence', actions: persistence },
  { title: 'Privilege escalation', actions: privilegeEscalation },
  { title: 'Defense evasion', actions: [...defenseEvasion, ...defenseImpairment] },
  { title: 'Credential access', actions: credentialAccess },
  { title: 'Discovery', actions: discovery },
  { title: 'Lateral movement', actions: lateralMovement },
  { title: 'Collection', actions: collection },
  { title: 'Command and control', actions: commandAndControl },
  { title: 'Exfiltration', actions: exfiltration },
  { title: 'Impact', actions: impact },
]

/** All of them in the order of the catalogue. */
export const blindActions = blindCatalogue.flatMap(({ actions }) => actions)
