import type { RuleFilter } from '../model/rule.ts'
import type { LinkedRule } from './link-rules.ts'

/** Whether a filter excepts nothing any more at a time in milliseconds since 1970. */
export function hasExpired({ expires }: Pick<RuleFilter, 'expires'>, timeMs: number): boolean {
  return expires !== undefined && timeMs >= expires.endMs
}

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
