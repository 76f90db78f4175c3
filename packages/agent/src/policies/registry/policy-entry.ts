import type { TracingPolicyMode, TracingPolicyState, TracingPolicyStatus } from '@tetragon-ts/api'
import { enforces, type PolicyDocument, type Section } from '@tetragon-ts/policy'
import { AgentError } from '../../error.ts'
import { RequestError } from '../../request-error.ts'
import { Loading } from './in-turns.ts'
import type { PolicyChange, PolicyId, PolicyMode } from './policy-control.ts'
import type { LoadedState, PolicyInKernel, PolicyLoader } from './policy-loader.ts'
import type { PolicyOrigin } from './policy-origin.ts'
import { policyStats } from './policy-stats.ts'
import type { PreparedPolicy } from './policy-store.ts'

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

/**
 * Changes of one policy, each atomic in the kernel and in the store. The caller makes one change of
 * a policy at a time.
 */
export class PolicyChanges {
  readonly #loader: PolicyLoader

  constructor(loader: PolicyLoader) {
    this.#loader = loader
  }

  /** Replaces a policy; one that is disabled stays disabled. */
  async replace(entry: PolicyEntry, written: WrittenPolicy): Promise<void> {
    const { document } = written
    this.#loader.check(entry.effective(document), 'replace')
    const isNews = noteLimit(entry)
    const kept = this.prepare(entry, { written })
    try {
      if (entry.state === 'TP_STATE_ERROR') {
        await this.unload(entry)
        entry.written = written
        await this.load(entry)
      } else if (entry.kernel) {
        const { kernel } = entry
        const effective = entry.effective(document)
        entry.kernel = await observed(entry, (loading) => kernel.replace(effective, loading))
      }
      entry.written = written
      entry.unreadable = undefined
      entry.error = ''
      // The mode was not changed before, so the new one enforces.
      if (isNews) entry.limitError = ''
    } catch (error) {
      kept?.discard()
      throw asRequestError(`replace policy ${entry.id.name}`, error)
    }
    kept?.commit()
  }

  /** Sets whether it enforces or only counts its actions. @throws RequestError */
  async setMode(entry: PolicyEntry, mode: NonNullable<PolicyChange['mode']>): Promise<void> {
    const { document, id } = entry
    if (!enforces(document.policy)) {
      throw new RequestError(
        'refused',
        `set mode of policy ${id.name}: its mode is monitor_only: it has no enforcing action`,
      )
    }
    // Also for a disabled policy: otherwise enabling it later would fail.
    this.#loader.check(document.withMode(mode), 'set mode of')
    const before = entry.mode
    const kept = this.prepare(entry, { mode })
    const { isEnabled, kernel } = entry
    const isOther = entry.effective().policy.options.mode !== mode || kernel?.isAtLimit
    noteLimit(entry)
    try {
      entry.mode = mode
      if (isOther && isEnabled && kernel) entry.kernel = await kernel.setMode(entry.effective())
      entry.limitError = ''
    } catch (error) {
      entry.mode = before
      kept?.discard()
      throw asRequestError(`set mode of policy ${id.name}`, error)
    }
    kept?.commit()
  }

  /**
   * Sets the mode `monitor` if the kernel has done so because the policy has reached its limit.
   * @returns a message if that is new
   */
  async applyLimit(entry: PolicyEntry): Promise<string | undefined> {
    if (!noteLimit(entry)) return undefined
    const { limitError, id } = entry
    try {
      await this.setMode(entry, 'monitor')
      entry.limitError = limitError
      return `policy ${id.name}: ${limitError}`
    } catch (error) {
      return `policy ${id.name}: ${limitError}; ${(error as Error).message}`
    }
  }

  /** Loads it if it is not loaded. @throws RequestError */
  async enable(entry: PolicyEntry): Promise<void> {
    if (entry.isEnabled) return
    checkSelected(entry, 'enable')
    const kept = this.prepare(entry, { isRequested: true })
    try {
      await this.unload(entry)
      await this.load(entry)
      entry.isRequested = true
    } catch (error) {
      kept?.discard()
      throw error
    }
    kept?.commit()
  }

  /** Unloads it and keeps its entry. @throws RequestError */
  async disable(entry: PolicyEntry): Promise<void> {
    checkSelected(entry, 'disable')
    const isNews = noteLimit(entry)
    const kept = this.prepare(entry, { isRequested: false })
    try {
      await this.unload(entry)
    } catch (error) {
      kept?.discard()
      throw error
    }
    entry.state = 'TP_STATE_DISABLED'
    entry.error = ''
    if (isNews) entry.limitError = ''
    entry.isRequested = false
    kept?.commit()
  }

  /** Unloads a policy that does not apply to this node. @throws RequestError, AgentError */
  async skip(entry: PolicyEntry, written: WrittenPolicy): Promise<void> {
    await this.unload(entry)
    entry.written = written
    entry.unreadable = undefined
    entry.state = 'TP_STATE_SKIPPED'
    entry.error = ''
  }

  /** Loads it; after a failure the entry has the reason. @throws RequestError, AgentError */
  async load(entry: PolicyEntry): Promise<void> {
    entry.state = 'TP_STATE_LOADING'
    try {
      if (entry.unreadable !== undefined) throw new RequestError('invalid', entry.unreadable)
      const effective = entry.effective()
      entry.kernel = await observed(entry, (loading) => this.#loader.load(effective, loading))
      entry.state = 'TP_STATE_ENABLED'
      entry.error = ''
    } catch (error) {
      entry.state = 'TP_STATE_LOAD_ERROR'
      entry.error = (error as Error).message
      throw asRequestError(`load policy ${entry.id.name}`, error)
    }
  }

  /** Unloads it if it is loaded. @throws RequestError, AgentError */
  async unload(entry: PolicyEntry): Promise<void> {
    if (!entry.kernel) return
    entry.state = 'TP_STATE_UNLOADING'
    try {
      await entry.kernel.unload()
      entry.kernel = undefined
    } catch (error) {
      entry.state = 'TP_STATE_ERROR'
      entry.error = (error as Error).message
      throw asRequestError(`unload policy ${entry.id.name}`, error)
    }
  }

  /**
   * Stores the state of a policy before a change is made: a change that cannot be stored is not
   * made.
   * @returns undefined for a policy that the agent does not store
   */
  prepare(entry: PolicyEntry, change: EntryChange): PreparedPolicy | undefined {
    const { store } = entry.origin
    if (store === undefined) return undefined
    const { written = entry.written, isRequested = entry.isRequested, mode = entry.mode } = change
    return store.prepare({ id: entry.id, yaml: written.yaml, isEnabled: isRequested, mode })
  }
}

/** Shows the progress of a load in the entry, where it can be cancelled. */
async function observed<Result>(
  entry: PolicyEntry,
  load: (loading: Loading) => Promise<Result>,
): Promise<Result> {
  const loading = new Loading()
  entry.loading = loading
  try {
    return await load(loading)
  } finally {
    entry.loading = undefined
  }
}

/** Notes that the kernel has changed the mode. @returns whether that is new */
function noteLimit(entry: PolicyEntry): boolean {
  if (!entry.kernel?.isAtLimit || entry.limitError !== '') return false
  const { processLimit } = entry.document.policy.options
  entry.limitReachedCount++
  entry.limitError =
    `enforcement stopped: actions would hit more than ${processLimit} processes within a minute ` +
    '(process-limit); resume with set-mode enforce'
  return true
}

/** Errors of the agent are written for the user; others must name the action. */
function asRequestError(action: string, error: unknown): Error {
  if (error instanceof AgentError || error instanceof RequestError) return error
  return new RequestError('refused', `${action}: ${(error as Error).message}`, { cause: error })
}

/** @throws RequestError for a policy that does not apply to this node */
function checkSelected({ state, id }: PolicyEntry, action: string): void {
  if (state !== 'TP_STATE_SKIPPED') return
  const reason = 'it is skipped: its nodeSelector does not match the labels of this node'
  throw new RequestError('refused', `${action} policy ${id.name}: ${reason}`)
}
