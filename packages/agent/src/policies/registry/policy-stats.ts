import type { TracingPolicyStats } from '@tetragon-ts/api'
import { addCounts, noCounts } from '@tetragon-ts/compiler'
import type { LoadedState } from './policy-loader.ts'

/**
 * Counters in API form: totals, and those of each selector.
 * @param limitReachedCount how often the policy has reached its limit
 */
export function policyStats(
  { counts, missed }: Pick<LoadedState, 'counts' | 'missed'>,
  limitReachedCount: number,
): TracingPolicyStats {
  const total = counts.reduce((sum, selector) => addCounts(sum, selector.counts), noCounts)
  return {
    action_counters: total,
    selector_action_counters: counts.map(
      ({ hook, hookIndex, selectorIndex, selectorLabel, counts: own }) => ({
        hook,
        hook_index: hookIndex,
        selector_index: selectorIndex,
        action_counters: own,
        selector_label: selectorLabel,
      }),
    ),
    missed_notifications: [...missed],
    limit_reached_count: limitReachedCount,
  }
}
