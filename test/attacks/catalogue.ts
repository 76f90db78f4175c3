import type { Action, Tactic } from './action.ts'
import { collection } from './actions/collection.ts'
import { commandAndControl } from './actions/command-and-control.ts'
import { credentialAccess } from './actions/credential-access.ts'
import { defenseEvasion } from './actions/defense-evasion.ts'
import { discovery } from './actions/discovery.ts'
import { execution } from './actions/execution.ts'
import { exfiltration } from './actions/exfiltration.ts'
import { impact } from './actions/impact.ts'
import { lateralMovement } from './actions/lateral-movement.ts'
import { persistence } from './actions/persistence.ts'
import { privilegeEscalation } from './actions/privilege-escalation.ts'

/** All actions, by tactic. */
export const catalogue: readonly Tactic[] = [
  { title: 'Execution', actions: execution },
  { title: 'Persistence', actions: persistence },
  { title: 'Privilege escalation', actions: privilegeEscalation },
  { title: 'Defense evasion', actions: defenseEvasion },
  { title: 'Credential access', actions: credentialAccess },
  { title: 'Discovery', actions: discovery },
  { title: 'Lateral movement', actions: lateralMovement },
  { title: 'Collection', actions: collection },
  { title: 'Command and control', actions: commandAndControl },
  { title: 'Exfiltration', actions: exfiltration },
  { title: 'Impact', actions: impact },
]

/** All actions in the order of the page. */
export const allActions: readonly Action[] = catalogue.flatMap(({ actions }) => actions)
