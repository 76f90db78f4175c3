import { isDeepStrictEqual } from 'node:util'
import type { GetPolicyProgramsResponse, PolicyText, TracingPolicyStatus } from '@tetragon-ts/api'
import type { PolicyDocument } from '@tetragon-ts/policy'
import { rulePolicyPrefix } from '@tetragon-ts/rules'
import { KeyedQueues } from '@tetragon-ts/service/queue'
import { RequestError } from '../../request-error.ts'
import type { ListedPolicies, PolicyChange, PolicyId, PolicySelections } from './policy-control.ts'
import { PolicyChanges, PolicyEntry, type WrittenPolicy } from './policy-entry.ts'
import { describe, idOf, keyOf } from './policy-id.ts'
import type { PolicyLoader, WantedPrograms } from './policy-loader.ts'
import { type PolicyOrigin, rulesDomain } from './policy-origin.ts'
import type { StoredPolicy } from './policy-store.ts'

/** A policy from the store. */
export type RestoredPolicy = StoredPolicy & {
  readonly document: PolicyDocument
  /** Why the text cannot be read any more; then the document is an empty policy. */
  readonly unreadable?: string | undefined
}

/**
 * The policies of all sources, by id, with their states. A policy that could not be loaded stays,
 * with its error, until it is deleted or added again. Changes of one policy are serialized.
 */
export class PolicyRegistry {
  /** By id. */
  readonly #entries = new Map<string, PolicyEntry>()
  #nextNumber = 1
  readonly #origins = new Set<PolicyOrigin>()
  readonly #changes: PolicyChanges
  readonly #queues = new KeyedQueues()

  constructor(loader: PolicyLoader) {
    this.#changes = new PolicyChanges(loader)
  }

  /** Lists the domain of a source, even if it has no policies. */
  register(origin: PolicyOrigin): void {
    this.#origins.add(origin)
  }

  /**
   * Loads a policy that a client adds. A policy with the same id must not exist, except one whose
   * load failed.
   * @param replace replaces an existing one without a gap; on error that one stays
   * @throws RequestError, AgentError
   */
  async add(
    origin: PolicyOrigin,
    id: PolicyId,
    written: WrittenPolicy,
    replace: boolean,
  ): Promise<void> {
    await this.#queues.run(keyOf(id), async () => {
      const same = this.#entries.get(keyOf(id))
      if (same === undefined || isUnloaded(same)) {
        await this.#add(origin, id, written)
      } else if (replace) {
        await this.#changes.replace(same, written)
      } else {
        const hint = 'delete it, or replace it (--replace)'
        throw new RequestError('exists', `add policy: ${describe(id)} already exists; ${hint}`)
      }
    })
  }

  async #add(origin: PolicyOrigin, id: PolicyId, written: WrittenPolicy): Promise<void> {
    const entry = this.#create(origin, id, written)
    const kept = this.#changes.prepare(entry, {})
    this.#entries.set(keyOf(id), entry)
    try {
      await this.#changes.load(entry)
    } catch (error) {
      kept?.discard()
      throw error
    }
    try {
      kept?.commit()
    } catch (error) {
      await this.#changes.unload(entry)
      this.#entries.delete(keyOf(id))
      throw error
    }
  }

  /**
   * Synchronizes a policy with its source: loads a new one, replaces a changed one. On error the
   * old one stays and shows the error.
   * @returns the change
   * @throws RequestError, AgentError
   */
  put(origin: PolicyOrigin, document: PolicyDocument): Promise<'same' | 'added' | 'replaced'> {
    const id = idOf(document, origin.domain)
    const written = writtenAs(document)
    return this.#queues.run(keyOf(id), async () => {
      const same = this.#ofOrigin(origin, id)
      if (same === undefined || isUnloaded(same)) {
        const entry = this.#enter(origin, id, written)
        if (entry.isRequested) await this.#changes.load(entry)
        return 'added'
      }
      const isSame = isDeepStrictEqual(same.document.policy, document.policy)
      if (isSame && same.state !== 'TP_STATE_ERROR') {
        same.written = written
        same.error = ''
        return 'same'
      }
      try {
        await this.#changes.replace(same, written)
        return 'replaced'
      } catch (error) {
        same.error = (error as Error).message
        throw error
      }
    })
  }

  /**
   * Lists a policy of a source that does not apply to this node; it is unloaded if it is loaded.
   * @throws RequestError, AgentError
   */
  skip(origin: PolicyOrigin, document: PolicyDocument): Promise<void> {
    const id = idOf(document, origin.domain)
    const written = writtenAs(document)
    return this.#queues.run(keyOf(id), async () => {
      const entry = this.#ofOrigin(origin, id) ?? this.#enter(origin, id, written)
      await this.#changes.skip(entry, written)
    })
  }

  /**
   * Lists a policy of a source that cannot be read, with the reason. If an earlier text of it is
   * loaded, that one stays and shows the reason.
   * @param written an empty policy and the text
   * @throws RequestError
   */
  refuse(
    origin: PolicyOrigin,
    id: PolicyId,
    written: WrittenPolicy,
    unreadable: string,
  ): Promise<void> {
    return this.#queues.run(keyOf(id), async () => {
      let entry = this.#ofOrigin(origin, id)
      if (entry?.kernel === undefined) {
        entry = this.#enter(origin, id, written)
        entry.unreadable = unreadable
        entry.state = 'TP_STATE_LOAD_ERROR'
      }
      entry.error = unreadable
    })
  }

  /**
   * Unloads and removes a policy that its source no longer has, if it is listed.
   * @throws RequestError, AgentError
   */
  withdraw(origin: PolicyOrigin, id: PolicyId): Promise<void> {
    this.#ofOrigin(origin, id)?.loading?.cancel()
    return this.#queues.run(keyOf(id), async () => {
      const entry = this.#entries.get(keyOf(id))
      if (entry?.origin === origin) await this.#remove(entry)
    })
  }

  /**
   * Adds a policy from the store of its source, and loads it if it was enabled.
   * @throws RequestError, AgentError
   */
  async restore(origin: PolicyOrigin, stored: RestoredPolicy): Promise<void> {
    const { document, yaml, isEnabled, mode, unreadable } = stored
    const id = unreadable === undefined ? idOf(document, stored.id.domain) : stored.id
    if (this.#entries.get(keyOf(id)) !== undefined) {
      throw new RequestError('exists', `load policy: ${describe(id)} already exists`)
    }
    const entry = this.#enter(origin, id, { document, yaml })
    entry.unreadable = unreadable
    entry.error = unreadable ?? ''
    entry.mode = mode
    entry.isRequested = isEnabled
    if (isEnabled) await this.#changes.load(entry)
  }

  /** The policies of a source. */
  entriesOf(origin: PolicyOrigin): readonly PolicyEntry[] {
    return this.#all.filter((entry) => entry.origin === origin)
  }

  /**
   * Unloads a policy and removes it, whatever its source. If it is being loaded, that ends with an
   * error.
   * @throws RequestError, AgentError
   */
  remove(id: PolicyId): Promise<void> {
    const listed = this.#entries.get(keyOf(id))
    if (listed?.origin.owner === undefined) listed?.loading?.cancel()
    return this.#queues.run(keyOf(id), async () => {
      const entry = this.#find('delete', id)
      refuseOwned(entry, 'delete')
      await this.#remove(entry)
    })
  }

  async #remove(entry: PolicyEntry): Promise<void> {
    await this.#changes.unload(entry)
    this.#entries.delete(keyOf(entry.id))
    entry.origin.store?.delete(entry.id)
  }

  /** Enables or disables a policy, or sets its mode. @throws RequestError, AgentError */
  configure(id: PolicyId, { enable, mode }: PolicyChange): Promise<void> {
    return this.#queues.run(keyOf(id), async () => {
      const entry = this.#find('configure', id)
      if (enable !== undefined) refuseOwned(entry, enable ? 'enable' : 'disable')
      if (mode !== undefined) {
        await this.#changes.setMode(entry, mode)
        entry.origin.changed?.()
      }
      if (enable !== undefined)
        await (enable ? this.#changes.enable(entry) : this.#changes.disable(entry))
    })
  }

  /**
   * Sets the mode `monitor` of policies that the kernel no longer enforces because of their limit.
   * @returns a message about each
   */
  async applyLimits(): Promise<string[]> {
    const reached = this.#all.filter(({ kernel }) => kernel?.isAtLimit)
    const messages = reached.map((entry) =>
      this.#queues.run(keyOf(entry.id), async () => {
        const message = await this.#changes.applyLimit(entry)
        if (message !== undefined) entry.origin.changed?.()
        return message
      }),
    )
    return (await Promise.all(messages)).filter((message) => message !== undefined)
  }

  /** The states of policies. */
  list({ domain, rules = false }: ListedPolicies = {}): TracingPolicyStatus[] {
    return this.#all
      .filter(({ id }) => {
        return domain === undefined ? rules || id.domain !== rulesDomain : id.domain === domain
      })
      .map((entry) => entry.status())
  }

  /** The texts of all policies. */
  texts(): PolicyText[] {
    return this.#all.map(({ id, written, unreadable }) => {
      const yaml = unreadable === undefined ? written.document.text : written.yaml
      return { ...id, yaml }
    })
  }

  /** What the enabled policies select workloads by, without those of rules: these are for all. */
  selections(): PolicySelections[] {
    return this.#all.flatMap(({ id, isEnabled, kernel }) => {
      const isListed = isEnabled && id.domain !== rulesDomain
      return isListed && kernel ? [{ id, selected: kernel.workloads() }] : []
    })
  }

  /** Annotated programs of a loaded policy. @throws RequestError */
  async programs(id: PolicyId, wanted: WantedPrograms): Promise<GetPolicyProgramsResponse> {
    const { isEnabled, kernel, error } = this.#find('show programs of', id)
    if (isEnabled && kernel) return kernel.programs(wanted)
    const reason = error === '' ? 'it is disabled' : error
    const message = `show programs of policy: ${describe(id)} is not loaded: ${reason}`
    throw new RequestError('refused', message)
  }

  /** The domains of all sources and policies, sorted. */
  domains(): string[] {
    const ofSources = [...this.#origins].map(({ domain }) => domain)
    const used = this.#all.map(({ id }) => id.domain)
    return [...new Set([...ofSources, ...used])].sort()
  }

  get #all(): readonly PolicyEntry[] {
    return [...this.#entries.values()]
  }

  /** A new entry, which is not listed yet. */
  #create(origin: PolicyOrigin, id: PolicyId, written: WrittenPolicy): PolicyEntry {
    if (origin.owner === undefined && id.name.startsWith(rulePolicyPrefix)) {
      const reason = `names that begin with ${rulePolicyPrefix} belong to detection rules`
      throw new RequestError('invalid', `add policy: ${describe(id)}: ${reason}`)
    }
    return new PolicyEntry(this.#nextNumber++, id, origin, written)
  }

  /**
   * Lists a new entry for a text of a source, in place of the one with the same id. Settings that
   * clients have made for the text before apply to this one as well.
   */
  #enter(origin: PolicyOrigin, id: PolicyId, written: WrittenPolicy): PolicyEntry {
    const before = this.#entries.get(keyOf(id))
    const entry = this.#create(origin, id, written)
    entry.mode = before?.mode
    entry.isRequested = before?.isRequested ?? true
    this.#entries.set(keyOf(id), entry)
    return entry
  }

  /** The entry of a source, if there is one. @throws RequestError if another source has the id */
  #ofOrigin(origin: PolicyOrigin, id: PolicyId): PolicyEntry | undefined {
    const entry = this.#entries.get(keyOf(id))
    if (entry === undefined || entry.origin === origin) return entry
    throw new RequestError('exists', `load policy: ${describe(id)} already exists`)
  }

  /** @param action for the error, such as `delete` @throws RequestError if there is none */
  #find(action: string, id: PolicyId): PolicyEntry {
    const entry = this.#entries.get(keyOf(id))
    if (entry !== undefined) return entry
    const others = this.#all.filter((other) => other.id.name === id.name)
    const hint = others.map((other) => `; ${describe(other.id)} exists`).join('')
    throw new RequestError('not_found', `${action} policy: ${describe(id)} not found${hint}`)
  }
}

/** The text is created when it is needed: that of a large object takes a while. */
function writtenAs(document: PolicyDocument): WrittenPolicy {
  return {
    document,
    get yaml() {
      return document.text
    },
  }
}

/** @throws RequestError if clients may not do this with policies of its source */
function refuseOwned({ origin, id }: PolicyEntry, action: string): void {
  if (origin.owner === undefined) return
  throw new RequestError('refused', `${action} policy: ${describe(id)}: ${origin.owner}`)
}

/** Whether its next text is loaded as that of a new policy. */
function isUnloaded({ state }: PolicyEntry): boolean {
  return state === 'TP_STATE_LOAD_ERROR' || state === 'TP_STATE_SKIPPED'
}
