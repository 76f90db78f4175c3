import type { Located, Selector } from '@tetragon-ts/policy'
import type { Membership } from '../hook/membership.ts'
import { binariesMatcher, parentBinariesMatcher } from './binaries.ts'
import { capabilitiesMatcher } from './capabilities.ts'
import { capabilityChangesMatcher, namespaceChangesMatcher } from './changes.ts'
import { commandArgumentsMatcher } from './command-arguments.ts'
import { imagesMatcher } from './images.ts'
import type { Matcher } from './matcher.ts'
import { namespacesMatcher } from './namespaces.ts'
import { pidsMatcher } from './pids.ts'
import { workloadsMatcher } from './workloads.ts'

/** Conditions of a selector on the process: all parts except arguments and actions. */
type ProcessPart = Exclude<keyof Selector, keyof Located | 'label' | ArgumentPart>
type ArgumentPart = 'args' | 'data' | 'expressions' | 'returnArgs' | 'actions' | 'returnActions'

/**
 * Matchers by part of the selector, in the order of their tests: the cheapest first. A missing one
 * does not compile.
 */
const byPart = {
  namespaces: namespacesMatcher,
  capabilities: capabilitiesMatcher,
  pids: pidsMatcher,
  workloads: workloadsMatcher,
  binaries: binariesMatcher,
  parentBinaries: parentBinariesMatcher,
  commandArguments: commandArgumentsMatcher,
  images: imagesMatcher,
  namespaceChanges: namespaceChangesMatcher,
  capabilityChanges: capabilityChangesMatcher,
} satisfies Record<ProcessPart, Matcher>

/** Matchers on the process, in the order of their tests. */
export const matchers: readonly Matcher[] = Object.values(byPart)

/** The process sets that a selector uses. */
export function setsOf(selector: Selector): readonly Membership[] {
  return matchers.flatMap((matcher) => matcher.sets?.(selector) ?? [])
}
