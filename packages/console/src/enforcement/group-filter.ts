import { termOf } from '../store/filter.ts'
import type { FieldName } from '../store/filter-text.ts'
import { textOf } from '../summaries/enforced-actions.ts'
import type { EnforcementGroup } from '../summaries/enforcement-groups.ts'

/** A filter that shows the events of a group. */
export function filterOf(group: EnforcementGroup): string {
  const { kind, policy, hook } = group
  const terms: readonly (readonly [FieldName, string])[] = [
    ['kind', kind],
    ['policy', policy],
    ['hook', hook],
    ['action', textOf(group)],
  ]
  return terms
    .filter(([, value]) => value !== '')
    .map(([field, value]) => termOf(field, value))
    .join(' ')
}
