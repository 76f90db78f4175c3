import { isDeepStrictEqual } from 'node:util'
import type { PolicyText, TracingPolicyStatus } from '@tetragon-ts/api'
import type { PolicyDocument } from '@tetragon-ts/policy'
import { RequestError } from '../../request-error.ts'
import { PolicyChanges } from './policy-changes.ts'
import type { PolicyChange, PolicyControl, PolicyId } from './policy-control.ts'
import { PolicyEntry } from './policy-entry.ts'
import { describe, idOf, keyOf } from './policy-id.ts'
import type { PolicyLoader } from './policy-loader.ts'
import { Queues } from './policy-queues.ts'
import type { PolicyStore, StoredPolicy } from './policy-store.ts'
import { PolicyTexts } from './policy-texts.ts'

const staticDomain = 'static'
const grpcDomain = 'grpc'
/** Reserved for objects that are not policies. */
const reservedDomain = 'sensors'
const domainForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/**
 * The policies that the agent was given, by id, with what became of them. One that could not be
 * loaded stays, with its error, until it is deleted or added anew. Changes of one policy are made
 * one after the other.
 */
export class PolicyRegistry implements PolicyControl {
  readonly #store: PolicyStore | undefined
  readonly #entries = new Map<string, PolicyEntry>()
  readonly #texts = new PolicyTexts()
  readonly #changes: PolicyChanges
  readonly #queues = new Queues()
  #nextNumber = 1

  /** @param store where policies are kept that are to come back after a restart */
  constructor(loader: PolicyLoader, store?: PolicyStore) {
    this.#store = store
    this.#changes = new PolicyChanges(loader, store, this.#texts)
  }

  /** Takes in what is in the store. @returns why some could not be loaded */
  async restore(): Promise<string[]> {
    const failures: string[] = []
    for (const stored of this.#store?.read() ?? []) {
      await this.#restore(stored).catch((error: Error) => failures.push(error.message))
    }
    return failures
  }

  async #restore({ id, yaml, isEnabled, mode }: StoredPolicy): Promise<void> {
    const { document, unreadable } = this.#texts.restore(id, yaml)
    const entryId = unreadable === undefined ? idOf(document, id.domain) : id
    const entry = this.#enter(entryId, document)
    entry.unreadable = unreadable
    entry.error = unreadable ?? ''
    entry.mode = mode
    entry.isRequested = isEnabled
    if (isEnabled) await this.#changes.load(entry)
  }

  async add(yaml: string, domain: string, replace = false): Promise<void> {
    if (!domainForm.test(domain) || domain === reservedDomain) {
      throw new RequestError('invalid', `add policy: invalid domain ${domain}`)
    }
    const document = this.#texts.read(yaml)
    const id = idOf(document, domain)
    await this.#queues.run(keyOf(id), async () => {
      const same = this.#entries.get(keyOf(id))
      if (same === undefined || same.state === 'TP_STATE_LOAD_ERROR') {
        await this.#add(id, document)
      } else if (replace) {
        await this.#changes.replace(same, document)
      } else {
        const hint = 'delete it, or replace it (--replace)'
        throw new RequestError('exists', `add policy: ${describe(id)} already exists; ${hint}`)
      }
    })
  }

  async #add(id: PolicyId, document: PolicyDocument): Promise<void> {
    const entry = new PolicyEntry(this.#nextNumber++, id, document, false)
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
   * Takes in a policy of a file: loads it if it is new, puts it in the place of the one that is
   * there if it is another. If that fails the old one goes on, and says so.
   * @returns what was done
   */
  put(document: PolicyDocument): Promise<'same' | 'added' | 'replaced'> {
    const id = idOf(document, staticDomain)
    return this.#queues.run(keyOf(id), async () => {
      const same = this.#entries.get(keyOf(id))
      if (same?.isStatic === false) {
        throw new RequestError('exists', `load policy: ${describe(id)} already exists`)
      }
      if (same === undefined || same.state === 'TP_STATE_LOAD_ERROR') {
        await this.#changes.load(this.#enter(id, document, true))
        return 'added'
      }
      const isSame = isDeepStrictEqual(same.document.policy, document.policy)
      if (isSame && same.state !== 'TP_STATE_ERROR') {
        same.document = document
        same.error = ''
        return 'same'
      }
      try {
        await this.#changes.replace(same, document)
        return 'replaced'
      } catch (error) {
        same.error = (error as Error).message
        throw error
      }
    })
  }

  /** Policies that came from files. */
  get statics(): readonly PolicyEntry[] {
    return [...this.#entries.values()].filter(({ isStatic }) => isStatic)
  }

  remove(id: PolicyId): Promise<void> {
    return this.#queues.run(keyOf(id), async () => {
      const entry = this.#find('delete', id)
      await this.#changes.unload(entry)
      this.#entries.delete(keyOf(id))
      this.#store?.delete(id)
    })
  }

  configure(id: PolicyId, { enable, mode }: PolicyChange): Promise<void> {
    return this.#queues.run(keyOf(id), async () => {
      const entry = this.#find('configure', id)
      if (mode !== undefined) await this.#changes.setMode(entry, mode)
      if (enable !== undefined)
        await (enable ? this.#changes.enable(entry) : this.#changes.disable(entry))
    })
  }

  async list(domain?: string): Promise<TracingPolicyStatus[]> {
    const entries = [...this.#entries.values()]
    return entries
      .filter(({ id }) => domain === undefined || id.domain === domain)
      .map((entry) => entry.status())
  }

  async texts(): Promise<PolicyText[]> {
    return [...this.#entries.values()].map(({ id, document, unreadable }) => {
      const kept = unreadable === undefined ? undefined : this.#texts.of(document)
      return { ...id, yaml: kept ?? document.text }
    })
  }

  async domains(): Promise<string[]> {
    const used = [...this.#entries.values()].map(({ id }) => id.domain)
    return [...new Set([grpcDomain, staticDomain, ...used])].sort()
  }

  #enter(id: PolicyId, document: PolicyDocument, isStatic = false): PolicyEntry {
    const entry = new PolicyEntry(this.#nextNumber++, id, document, isStatic)
    this.#entries.set(keyOf(id), entry)
    return entry
  }

  #find(action: string, id: PolicyId): PolicyEntry {
    const entry = this.#entries.get(keyOf(id))
    if (entry !== undefined) return entry
    const others = [...this.#entries.values()].filter(({ id: { name } }) => name === id.name)
    const hint = others.map((other) => `; ${describe(other.id)} exists`).join('')
    throw new RequestError('not_found', `${action} policy: ${describe(id)} not found${hint}`)
  }
}
