import { hasExpired } from '../model/filter-expiry.ts'
import type { LinkedRule } from './link-rules.ts'

/** Rules without the filters that have expired: the kernel cannot decide that later. */
export function withoutExpired<Rules extends { readonly rules: readonly LinkedRule[] }>(
  linked: Rules,
  timeMs: number,
): Rules {
  const rules = linked.rules.map((each) => {
    const filters = each.filters.filter(({ filter }) => !hasExpired(filter, timeMs))
    return filters.length === each.filters.length ? each : { ...each, filters }
  })
  return { ...linked, rules }
}
