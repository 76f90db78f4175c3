import type { TracingPolicyStats } from '@tetragon-ts/api'
import type { SelectorCounts } from './policy-loader.ts'

/** Counts as the API shows them: their sum, and those of each selector. */
export function policyStats(counts: readonly SelectorCounts[]): TracingPolicyStats {
  const sum = (name: 'post' | 'nopost') => counts.reduce((total, each) => total + each[name], 0)
  return {
    action_counters: { post: sum('post'), nopost: sum('nopost') },
    selector_action_counters: counts.map(
      ({ hook, hookIndex, selectorIndex, selectorLabel, post, nopost }) => ({
        hook,
        hook_index: hookIndex,
        selector_index: selectorIndex,
        action_counters: { post, nopost },
        selector_label: selectorLabel,
      }),
    ),
  }
}
