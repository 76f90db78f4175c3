import { counter, gauge } from '@tetragon-ts/service/metrics'
import { rulesDomain } from '../../../policies/registry/policy-origin.ts'
import type { Collector } from '../metric-source.ts'

const loaded = gauge('tetragon_tracingpolicy_loaded', 'Policies, by state', 'state')
const ofRules = gauge(
  'tetragon_findings_policies',
  'Policies that detection rules need, by state; they are not in tetragon_tracingpolicy_loaded',
  'state',
)
const memory = gauge(
  'tetragon_tracingpolicy_kernel_memory_bytes',
  'Memory of the programs and maps of a policy, without shared ones',
  'policy',
  'policy_namespace',
)
const actions = counter(
  'tetragon_tracingpolicy_selector_actions_total',
  'Actions of selectors, by action',
  ...['policy', 'policy_namespace', 'hook', 'hook_index', 'selector_index', 'selector_label'],
  'action',
)
const missed = counter(
  'tetragon_enforcer_missed_notifications_total',
  'Notifications of enforcers without effect',
  ...['policy', 'info', 'reason'],
)
const limitReached = counter(
  'tetragon_tracingpolicy_limit_reached_total',
  'How often a policy has stopped enforcing because of its process-limit',
  'policy',
  'policy_namespace',
)

const states = [
  'disabled',
  'enabled',
  'error',
  'load_error',
  'partially_enabled',
  'skipped',
] as const

export const policies: Collector = {
  metrics: [loaded, ofRules, memory, actions, missed, limitReached],
  collect({ policies: statuses }, emit) {
    for (const state of states) {
      const inState = statuses.filter((each) => each.state === `TP_STATE_${state.toUpperCase()}`)
      const written = inState.filter(({ domain }) => domain !== rulesDomain)
      emit(loaded, written.length, state)
      emit(ofRules, inState.length - written.length, state)
    }
    for (const { name = '', namespace = '', kernel_memory_bytes, stats } of statuses) {
      emit(memory, Number(kernel_memory_bytes ?? 0), name, namespace)
      emit(limitReached, Number(stats?.limit_reached_count ?? 0), name, namespace)
      for (const { hook = '', reason = '', count } of stats?.missed_notifications ?? []) {
        emit(missed, Number(count), name, hook, reason)
      }
      for (const each of stats?.selector_action_counters ?? []) {
        const { hook = '', hook_index, selector_index, selector_label = '' } = each
        const where = [hook, String(hook_index ?? 0), String(selector_index ?? 0), selector_label]
        for (const [action, count] of Object.entries(each.action_counters ?? {})) {
          emit(actions, Number(count), name, namespace, ...where, action)
        }
      }
    }
  },
}
