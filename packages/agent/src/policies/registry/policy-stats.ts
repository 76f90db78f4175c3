import type { TracingPolicyStats } from '@tetragon-ts/api'
import type { LoadedState, SelectorCounts } from './policy-loader.ts'

/**
 * Counters in API form: totals, and those of each selector.
 * @param limitReachedCount how often the policy has reached its limit
 */
export function policyStats(
  { counts, missed }: Pick<LoadedState, 'counts' | 'missed'>,
  limitReachedCount: number,
): TracingPolicyStats {
  const each = counts.map(countersOf)
  const sum = (name: keyof (typeof each)[number]): number =>
    each.reduce((total, counters) => total + counters[name], 0)
  return {
    action_counters: {
      post: sum('post'),
      nopost: sum('nopost'),
      signal: sum('signal'),
      override: sum('override'),
      notify_enforcer: sum('notify_enforcer'),
      set: sum('set'),
      monitor_signal: sum('monitor_signal'),
      monitor_override: sum('monitor_override'),
      monitor_notify_enforcer: sum('monitor_notify_enforcer'),
      monitor_set: sum('monitor_set'),
    },
    selector_action_counters: counts.map(
      ({ hook, hookIndex, selectorIndex, selectorLabel }, i) => ({
        hook,
        hook_index: hookIndex,
        selector_index: selectorIndex,
        action_counters: each[i],
        selector_label: selectorLabel,
      }),
    ),
    missed_notifications: [...missed],
    limit_reached_count: limitReachedCount,
  }
}

function countersOf({ post, nopost, enforced, monitored }: SelectorCounts) {
  return {
    post,
    nopost,
    signal: enforced.signal,
    override: enforced.override,
    notify_enforcer: enforced.notifyEnforcer,
    set: enforced.set,
    monitor_signal: monitored.signal,
    monitor_override: monitored.override,
    monitor_notify_enforcer: monitored.notifyEnforcer,
    monitor_set: monitored.set,
  }
}
