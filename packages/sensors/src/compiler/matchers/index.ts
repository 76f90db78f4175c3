import type { Selector } from '@tetragon-ts/policy'
import type { Membership } from '../process-sets/process-set.ts'
import { binariesMatcher } from './binaries.ts'
import { capabilitiesMatcher } from './capabilities.ts'
import { capabilityChangesMatcher, namespaceChangesMatcher } from './changes.ts'
import type { Matcher } from './matcher.ts'
import { namespacesMatcher } from './namespaces.ts'
import { pidsMatcher } from './pids.ts'
import { workloadsMatcher } from './workloads.ts'

/** Matchers on the process, the cheapest first. */
export const matchers: readonly Matcher[] = [
  namespacesMatcher,
  capabilitiesMatcher,
  pidsMatcher,
  workloadsMatcher,
  binariesMatcher,
  namespaceChangesMatcher,
  capabilityChangesMatcher,
]

/** The sets of processes that a selector asks. */
export function setsOf(selector: Selector): readonly Membership[] {
  return matchers.flatMap((matcher) => matcher.sets?.(selector) ?? [])
}
