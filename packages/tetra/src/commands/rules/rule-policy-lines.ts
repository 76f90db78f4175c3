import type { TracingPolicyStatus } from '@tetragon-ts/api'
import { humanBytes } from '../../table.ts'
import { actionCounts, shortEnum } from '../tracingpolicy/policy-table.ts'

/**
 * Lines about the policies that rules need: how many are in force and their memory, then those that
 * are not in force as the rules say, or that only monitor.
 */
export function rulePolicyLines(policies: readonly TracingPolicyStatus[]): string[] {
  if (policies.length === 0) return []
  const enabled = policies.filter(({ state }) => state === 'TP_STATE_ENABLED').length
  const memory = policies.reduce((sum, each) => sum + Number(each.kernel_memory_bytes ?? 0), 0)
  return [
    `policies of rules: ${enabled} of ${policies.length} in force, ${humanBytes(memory)} of kernel memory`,
    ...policies.flatMap(stateLines),
  ]
}

function stateLines(policy: TracingPolicyStatus): string[] {
  const { name = '', state, mode, error = '' } = policy
  if (state !== 'TP_STATE_ENABLED') {
    // Errors of several lines begin with one that names the policy only.
    const reason = error.split('\n').find((line) => line !== '' && !line.endsWith(':'))
    return [`${name}: ${shortEnum(state, 'TP_STATE_')}${reason ? `: ${reason.trim()}` : ''}`]
  }
  if (mode !== 'TP_MODE_MONITOR') return []
  const [, , monitored] = actionCounts([policy])
  return [`${name}: only monitors, would have acted ${monitored} times`]
}
