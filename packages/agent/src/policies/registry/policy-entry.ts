import type { TracingPolicyMode, TracingPolicyState, TracingPolicyStatus } from '@tetragon-ts/api'
import { enforces, type PolicyDocument, type Section } from '@tetragon-ts/policy'
import type { Loading } from './in-turns.ts'
import type { PolicyId, PolicyMode } from './policy-control.ts'
import type { LoadedState, PolicyInKernel } from './policy-loader.ts'
import type { PolicyOrigin } from './policy-origin.ts'
import { policyStats } from './policy-stats.ts'

/** `TP_STATE_PARTIALLY_ENABLED` is not stored: it follows from the hooks of an enabled policy. */
type State = Extract<TracingPolicyState, `TP_STATE_${string}`>

/** A policy and its text in the source. */
export interface WrittenPolicy {
  readonly document: PolicyDocument
  readonly yaml: string
}

/** Properties to change in an entry. */
export type EntryChange = Partial<Pick<PolicyEntry, 'written' | 'isRequested' | 'mode'>>

/** A policy that was added, whether or not it could be loaded. */
export class PolicyEntry {
  /** Unique while the agent runs. */
  readonly number: number
  readonly id: PolicyId
  readonly origin: PolicyOrigin
  written: WrittenPolicy
  /** Mode set at run time; it overrides the policy's own. */
  mode: PolicyMode | undefined
  /** Whether it should be enabled, whether or not it is. */
  isRequested = true
  /** Why its text cannot be read any more; then its document is an empty policy. */
  unreadable: string | undefined
  state: State = 'TP_STATE_DISABLED'
  error = ''
  /** How often it has reached its limit. */
  limitReachedCount = 0
  /** Set while it monitors because of its limit. */
  limitError = ''
  /** While it is loaded, also if unloading failed. */
  kernel: PolicyInKernel | undefined
  /** While it, or its replacement, is being loaded. */
  loading: Loading | undefined

  constructor(number: number, id: PolicyId, origin: PolicyOrigin, written: WrittenPolicy) {
    this.number = number
    this.id = id
    this.origin = origin
    this.written = written
  }

  get document(): PolicyDocument {
    return this.written.document
  }

  /** Whether it is loaded and attached. */
  get isEnabled(): boolean {
    return this.state === 'TP_STATE_ENABLED'
  }

  /** The policy with its effective mode. */
  effective(document = this.document): PolicyDocument {
    const { mode } = this
    return mode === undefined || !enforces(document.policy) ? document : document.withMode(mode)
  }

  get effectiveMode(): Extract<TracingPolicyMode, string> {
    const { policy } = this.effective()
    if (!enforces(policy)) return 'TP_MODE_MONITOR_ONLY'
    if (this.kernel?.isAtLimit) return 'TP_MODE_MONITOR'
    return policy.options.mode === 'enforce' ? 'TP_MODE_ENFORCE' : 'TP_MODE_MONITOR'
  }

  status(): TracingPolicyStatus {
    const { number, id, document } = this
    const error = this.error || this.limitError
    const loaded = this.isEnabled ? this.kernel?.state() : undefined
    const state = loaded && isPartial(loaded) ? 'TP_STATE_PARTIALLY_ENABLED' : this.state
    const { hooks, enforcers, loader } = document.policy
    const sections = new Set(hooks.map(({ section }) => section))
    const generic = [...sections].map((section) => `generic_${singular(section)}`)
    const own = [...(enforcers.length > 0 ? ['enforcer'] : []), ...(loader ? ['loader'] : [])]
    return {
      id: number,
      ...id,
      info: `${id.name} enabled:${this.isEnabled} filterID:0 error:${error}`,
      sensors: [...generic, ...own],
      enabled: this.isEnabled,
      filter_id: 0,
      error,
      state,
      kernel_memory_bytes: loaded?.kernelMemoryBytes ?? 0,
      mode: this.effectiveMode,
      ...(loaded ? { stats: policyStats(loaded, this.limitReachedCount) } : {}),
      hook_statuses: [...(loaded?.hooks ?? [])],
      ...(this.loading ? { loading: { done: this.loading.done, total: this.loading.total } } : {}),
    }
  }
}

function isPartial({ hooks }: LoadedState): boolean {
  return hooks.some(({ state }) => state !== 'STATUS_LOADED')
}

/** The name of one item of a section. */
function singular(section: Section): string {
  return section === 'processes' ? 'process' : section.replace(/s$/, '')
}
