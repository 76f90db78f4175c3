import { AgentError } from '../error.ts'
import type { OptionName, Settings } from './families/index.ts'

/** Options that are equivalent or contradict each other. */
const conflicts: readonly (readonly [OptionName, OptionName])[] = [
  ['rb-size', 'rb-size-total'],
  ['execve-map-entries', 'execve-map-size'],
  ['parents-map-entries', 'parents-map-size'],
  ['force-small-progs', 'force-large-progs'],
]

/** @throws AgentError AGENT_OPTION for options that cannot be combined */
export function checkConflicts(settings: Settings): void {
  for (const [one, other] of conflicts) {
    if (settings[one] && settings[other]) {
      throw new AgentError('AGENT_OPTION', `read options: give --${one} or --${other}, not both`)
    }
  }
}
