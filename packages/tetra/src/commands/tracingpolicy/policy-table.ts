import {
  enforcementCounters,
  escapeUnprintable,
  type HookStatus,
  type TracingPolicyStatus,
} from '@tetragon-ts/api'
import { humanBytes, tableLines } from '../../table.ts'

const heads = [
  ...['ID', 'NAME', 'DOMAIN', 'STATE', 'FILTERID', 'NAMESPACE', 'SENSORS', 'KERNELMEMORY'],
  ...['MODE', 'NPOST', 'NENFORCE', 'NMONITOR'],
]
const hookHeads = ['SECTION', 'CFGIDX', 'DESCRIPTION', 'STATUS']
const gap = '   '

/** `TP_STATE_LOAD_ERROR` as `load_error`. */
export function shortEnum(value: string | number | undefined, prefix: string): string {
  return String(value ?? 'unknown')
    .replace(prefix, '')
    .toLowerCase()
}

/** Counts of the actions of policies: posted events, enforced and monitored actions. */
export function actionCounts(policies: readonly TracingPolicyStatus[]): string[] {
  const all = policies.map(({ stats }) => stats?.action_counters ?? {})
  const sum = (counts: (of: (typeof all)[number]) => (string | number | undefined)[]): string =>
    String(all.flatMap(counts).reduce((total: bigint, count) => total + BigInt(count ?? 0), 0n))
  return [
    sum(({ post }) => [post]),
    sum((of) => enforcementCounters.map((name) => of[name])),
    sum((of) => enforcementCounters.map((name) => of[`monitor_${name}` as const])),
  ]
}

function row(policy: TracingPolicyStatus): string[] {
  return [
    String(policy.id ?? 0),
    policy.name ?? '',
    policy.domain ?? '',
    shortEnum(policy.state, 'TP_STATE_'),
    String(policy.filter_id ?? 0),
    policy.namespace || '(global)',
    (policy.sensors ?? []).join(','),
    humanBytes(Number(policy.kernel_memory_bytes ?? 0)),
    shortEnum(policy.mode, 'TP_MODE_'),
    ...actionCounts([policy]),
  ]
}

function hookRow({ section, hook_idx, hook_description, state }: HookStatus): string[] {
  return [section ?? '', String(hook_idx ?? 0), hook_description ?? '', shortEnum(state, 'STATUS_')]
}

/**
 * The table of policies; failed ones are followed by the error, partly enabled ones by their hooks.
 */
export function policyTable(policies: readonly TracingPolicyStatus[]): string {
  const [head, ...lines] = tableLines([heads, ...policies.map(row)])
  const text = [head]
  policies.forEach((policy, i) => {
    text.push(lines[i])
    const hooks = policy.hook_statuses ?? []
    if (policy.state === 'TP_STATE_PARTIALLY_ENABLED' && hooks.length > 0) {
      text.push(...tableLines([hookHeads, ...hooks.map(hookRow)]).map((line) => gap + line))
    }
    if (policy.error) {
      text.push(...policy.error.split('\n').map((line) => gap + escapeUnprintable(line)))
    }
  })
  return `${text.join('\n')}\n`
}
