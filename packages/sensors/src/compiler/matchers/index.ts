import type { Located, Selector } from '@tetragon-ts/policy'
import type { Membership } from '../process-sets/process-set.ts'
import { binariesMatcher, parentBinariesMatcher } from './binaries.ts'
import { capabilitiesMatcher } from './capabilities.ts'
import { capabilityChangesMatcher, namespaceChangesMatcher } from './changes.ts'
import type { Matcher } from './matcher.ts'
import { namespacesMatcher } from './namespaces.ts'
import { pidsMatcher } from './pids.ts'
import { workloadsMatcher } from './workloads.ts'

/** What a selector asks of the process: all its parts but those about arguments and actions. */
type ProcessPart = Exclude<keyof Selector, keyof Located | 'label' | ArgumentPart>
type ArgumentPart = 'args' | 'data' | 'returnArgs' | 'actions' | 'returnActions'

/**
 * The matchers by the part of a selector that they handle, the cheapest first: they are tested in
 * this order. A part that is missing here does not compile.
 */
const byPart = {
  namespaces: namespacesMatcher,
  capabilities: capabilitiesMatcher,
  pids: pidsMatcher,
  workloads: workloadsMatcher,
  binaries: binariesMatcher,
  parentBinaries: parentBinariesMatcher,
  namespaceChanges: namespaceChangesMatcher,
  capabilityChanges: capabilityChangesMatcher,
} satisfies Record<ProcessPart, Matcher>

/** Matchers on the process, in the order of their tests. */
export const matchers: readonly Matcher[] = Object.values(byPart)

/** The sets of processes that a selector asks. */
export function setsOf(selector: Selector): readonly Membership[] {
  return matchers.flatMap((matcher) => matcher.sets?.(selector) ?? [])
}
