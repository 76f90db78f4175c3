import type { TracingPolicyActionCounters, TracingPolicyStatus } from '@tetragon-ts/api'

/** A selector, and what it has done; agents of the original count by selector since 1.6. */
export interface SelectorCounts {
  readonly index: number
  readonly label: string
  readonly counts: Readonly<Record<string, bigint>>
}

/** A hook of a policy on one node. */
export interface HookOnNode {
  readonly section: string
  /** Position in its section. */
  readonly index: number
  /** Function or place. */
  readonly call: string
  /** Back end, its weakness, and what is not in force; empty if the agent does not report it. */
  readonly means: string
  /** Empty if it is loaded. */
  readonly problem: string
  readonly selectors: readonly SelectorCounts[]
}

/** The hooks of a policy, each with the counters of its selectors. */
export function hooksOf({ hook_statuses = [], stats }: TracingPolicyStatus): HookOnNode[] {
  const counters = stats?.selector_action_counters ?? []
  return hook_statuses.map(
    ({ section = '', hook_idx: index = 0, hook_description = '', state }) => {
      const [, call = hook_description, means = ''] =
        /^(.*?) \((.*)\)$/s.exec(hook_description) ?? []
      const own = counters.filter((each) => each.hook === call && (each.hook_index ?? 0) === index)
      return {
        section,
        index,
        call,
        means,
        problem: state === 'STATUS_LOADED' ? '' : hookStateText(state),
        selectors: own.map(({ selector_index, selector_label: label = '', action_counters }) => {
          return { index: selector_index ?? 0, label, counts: nonZero(action_counters ?? {}) }
        }),
      }
    },
  )
}

/** Counters by action; only those above 0. */
function nonZero(counters: TracingPolicyActionCounters): Readonly<Record<string, bigint>> {
  const entries = Object.entries(counters).map(([name, count]) => [name, BigInt(count)] as const)
  return Object.fromEntries(entries.filter(([, count]) => count > 0n))
}

/** Counters as a text: `post 12, override 3`. */
export function countsText(counts: Readonly<Record<string, bigint>>): string {
  return Object.entries(counts)
    .map(([action, count]) => `${action.replaceAll('_', ' ')} ${count}`)
    .join(', ')
}

function hookStateText(state: string | number | undefined): string {
  if (state === 'STATUS_UNSPECIFIED') return 'not in force'
  return String(state ?? 'unknown')
    .replace('STATUS_', '')
    .replaceAll('_', ' ')
    .toLowerCase()
}
