import { AgentError } from '../error.ts'
import type { OptionName, Settings } from './families/index.ts'

/** Options that say the same in two ways, or the opposite. */
const conflicts: readonly (readonly [OptionName, OptionName])[] = [
  ['rb-size', 'rb-size-total'],
  ['execve-map-entries', 'execve-map-size'],
  ['parents-map-entries', 'parents-map-size'],
  ['force-small-progs', 'force-large-progs'],
]

/** @throws AgentError AGENT_OPTION for options that do not go together */
export function checkConflicts(settings: Settings): void {
  for (const [one, other] of conflicts) {
    if (settings[one] && settings[other]) {
      throw new AgentError('AGENT_OPTION', `read options: give --${one} or --${other}, not both`)
    }
  }
}
