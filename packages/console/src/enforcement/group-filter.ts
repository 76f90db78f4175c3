import { termOf } from '../store/filter.ts'
import { textOf } from './enforced-actions.ts'
import type { EnforcementGroup } from './enforcement-groups.ts'

/** A filter that shows the events of a group. */
export function filterOf(group: EnforcementGroup): string {
  const terms = [termOf('kind', group.kind), termOf('action', textOf(group))]
  if (group.policy !== '') terms.unshift(termOf('policy', group.policy))
  return terms.join(' ')
}
