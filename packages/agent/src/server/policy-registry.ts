import { isDeepStrictEqual } from 'node:util'
import type { PolicyText, TracingPolicyStatus } from '@tetragon-ts/api'
import { formatDiagnostic, type PolicyDocument, readPolicies } from '@tetragon-ts/policy'
import { AgentError } from '../error.ts'
import { type EntryChange, enforces, PolicyEntry } from './policy-entry.ts'
import { describe, idOf, keyOf } from './policy-id.ts'
import type { PolicyLoader } from './policy-loader.ts'
import { Queues } from './policy-queues.ts'
import type { PolicyStore, PreparedPolicy, StoredPolicy } from './policy-store.ts'
import { RequestError } from './request-error.ts'
import type { PolicyChange, PolicyControl, PolicyId } from './server-host.ts'

const staticDomain = 'static'
const grpcDomain = 'grpc'
/** Kept for what is no policy of anybody. */
const reservedDomain = 'sensors'
/** What is longer would keep all clients waiting for many seconds, if only to find it wrong. */
const longestText = 2 ** 20
const domainForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/**
 * The policies that the agent was given, by id, with what became of them. One that could not be
 * loaded stays, with its error, until it is deleted or added anew. Changes of one policy are made one
 * after the other; each is made whole or not at all, in the kernel as well as in the store.
 */
export class PolicyRegistry implements PolicyControl {
  readonly #loader: PolicyLoader
  readonly #store: PolicyStore | undefined
  readonly #entries = new Map<string, PolicyEntry>()
  /** Texts of policies that came from clients. */
  readonly #texts = new WeakMap<PolicyDocument, string>()
  readonly #queues = new Queues()
  #nextNumber = 1

  /** @param store where policies are kept that are to come back after a restart */
  constructor(loader: PolicyLoader, store?: PolicyStore) {
    this.#loader = loader
    this.#store = store
    for (const { document, kernel } of loader.loadedAtStart()) {
      const entry = this.#enter(idOf(document, staticDomain), document, true)
      entry.kernel = kernel
      entry.state = 'TP_STATE_ENABLED'
    }
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
    const document = this.#read(yaml)
    const entry = this.#enter(idOf(document, id.domain), document)
    entry.mode = mode
    entry.isWanted = isEnabled
    if (isEnabled) await this.#load(entry)
  }

  async add(yaml: string, domain: string, replace = false): Promise<void> {
    if (!domainForm.test(domain) || domain === reservedDomain) {
      throw new RequestError('invalid', `add policy: there can be no domain ${domain}`)
    }
    const document = this.#read(yaml)
    const id = idOf(document, domain)
    await this.#queues.run(keyOf(id), async () => {
      const same = this.#entries.get(keyOf(id))
      if (same === undefined || same.state === 'TP_STATE_LOAD_ERROR') {
        await this.#add(id, document)
      } else if (replace) {
        await this.#replace(same, document)
      } else {
        const hint = 'delete it, or replace it (--replace)'
        throw new RequestError('exists', `add policy: ${describe(id)} is there already; ${hint}`)
      }
    })
  }

  async #add(id: PolicyId, document: PolicyDocument): Promise<void> {
    const entry = new PolicyEntry(this.#nextNumber++, id, document, false)
    const kept = this.#prepare(entry, {})
    this.#entries.set(keyOf(id), entry)
    try {
      await this.#load(entry)
    } catch (error) {
      kept?.discard()
      throw error
    }
    try {
      kept?.commit()
    } catch (error) {
      await this.#unload(entry)
      this.#entries.delete(keyOf(id))
      throw error
    }
  }

  /** Puts a policy in the place of one that is there; one that is disabled stays so. */
  async #replace(entry: PolicyEntry, document: PolicyDocument): Promise<void> {
    const kept = this.#prepare(entry, { document })
    try {
      if (entry.state === 'TP_STATE_ERROR') {
        await this.#unload(entry)
        entry.document = document
        await this.#load(entry)
      } else if (entry.kernel) {
        entry.kernel = await entry.kernel.replace(entry.effective(document))
      }
      entry.document = document
      entry.error = ''
    } catch (error) {
      kept?.discard()
      throw asRequestError(`replace policy ${entry.id.name}`, error)
    }
    kept?.commit()
  }

  /**
   * Takes in a policy of a file: loads it if it is new, puts it in the place of the one that is there
   * if it is another. If that fails the old one goes on, and says so.
   * @returns what was done
   */
  put(document: PolicyDocument): Promise<'same' | 'added' | 'replaced'> {
    const id = idOf(document, staticDomain)
    return this.#queues.run(keyOf(id), async () => {
      const same = this.#entries.get(keyOf(id))
      if (same?.isStatic === false) {
        throw new RequestError('exists', `load policy: ${describe(id)} is there already`)
      }
      if (same === undefined || same.state === 'TP_STATE_LOAD_ERROR') {
        await this.#load(this.#enter(id, document, true))
        return 'added'
      }
      const isSame = isDeepStrictEqual(same.document.policy, document.policy)
      if (isSame && same.state !== 'TP_STATE_ERROR') {
        same.document = document
        same.error = ''
        return 'same'
      }
      try {
        await this.#replace(same, document)
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
      await this.#unload(entry)
      this.#entries.delete(keyOf(id))
      this.#store?.delete(id)
    })
  }

  configure(id: PolicyId, { enable, mode }: PolicyChange): Promise<void> {
    return this.#queues.run(keyOf(id), async () => {
      const entry = this.#find('configure', id)
      if (mode !== undefined) await this.#setMode(entry, mode)
      if (enable !== undefined) await (enable ? this.#enable(entry) : this.#disable(entry))
    })
  }

  async #setMode(entry: PolicyEntry, mode: NonNullable<PolicyChange['mode']>): Promise<void> {
    const { document, id } = entry
    if (!enforces(document.policy)) {
      throw new RequestError(
        'refused',
        `set mode of policy ${id.name}: it only watches (monitor_only): it has no action that enforces`,
      )
    }
    const before = entry.mode
    const kept = this.#prepare(entry, { mode })
    const isOther = entry.effective().policy.options.mode !== mode
    try {
      entry.mode = mode
      if (isOther && entry.isEnabled && entry.kernel) {
        entry.kernel = await entry.kernel.replace(entry.effective())
      }
    } catch (error) {
      entry.mode = before
      kept?.discard()
      throw asRequestError(`set mode of policy ${id.name}`, error)
    }
    kept?.commit()
  }

  async #enable(entry: PolicyEntry): Promise<void> {
    if (entry.isEnabled) return
    const kept = this.#prepare(entry, { isWanted: true })
    try {
      await this.#unload(entry)
      await this.#load(entry)
      entry.isWanted = true
    } catch (error) {
      kept?.discard()
      throw error
    }
    kept?.commit()
  }

  async #disable(entry: PolicyEntry): Promise<void> {
    const kept = this.#prepare(entry, { isWanted: false })
    try {
      await this.#unload(entry)
    } catch (error) {
      kept?.discard()
      throw error
    }
    entry.state = 'TP_STATE_DISABLED'
    entry.error = ''
    entry.isWanted = false
    kept?.commit()
  }

  async list(domain?: string): Promise<TracingPolicyStatus[]> {
    const entries = [...this.#entries.values()]
    return entries
      .filter(({ id }) => domain === undefined || id.domain === domain)
      .map((entry) => entry.status())
  }

  async texts(): Promise<PolicyText[]> {
    return [...this.#entries.values()].map(({ id, document }) => ({ ...id, yaml: document.text }))
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
    const hint = others.map((other) => `; ${describe(other.id)} is there`).join('')
    throw new RequestError('not_found', `${action} policy: there is no ${describe(id)}${hint}`)
  }

  async #load(entry: PolicyEntry): Promise<void> {
    entry.state = 'TP_STATE_LOADING'
    try {
      entry.kernel = await this.#loader.load(entry.effective())
      entry.state = 'TP_STATE_ENABLED'
      entry.error = ''
    } catch (error) {
      entry.state = 'TP_STATE_LOAD_ERROR'
      entry.error = (error as Error).message
      throw asRequestError(`load policy ${entry.id.name}`, error)
    }
  }

  /** Takes it out of the kernel if it is there. */
  async #unload(entry: PolicyEntry): Promise<void> {
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
   * Writes what a policy is to be after a change, before the change is made: what cannot be kept is
   * not done. Policies of files are kept by whoever wrote these.
   */
  #prepare(entry: PolicyEntry, change: EntryChange): PreparedPolicy | undefined {
    const { document = entry.document, isWanted = entry.isWanted, mode = entry.mode } = change
    const yaml = this.#texts.get(document)
    if (entry.isStatic || yaml === undefined) return undefined
    return this.#store?.prepare({ id: entry.id, yaml, isEnabled: isWanted, mode })
  }

  /** Reads the text of one policy. @throws RequestError with all that is wrong */
  #read(yaml: string): PolicyDocument {
    if (yaml.length > longestText) {
      const message = `read policy: it has ${yaml.length} characters, ${longestText} at most are read`
      throw new RequestError('invalid', message)
    }
    const { documents, diagnostics } = readPolicies(yaml, 'policy.yaml')
    const errors = diagnostics.filter(({ severity }) => severity === 'error')
    if (errors.length > 0) {
      const lines = errors.map((error) => formatDiagnostic(error, yaml))
      throw new RequestError('invalid', `read policy:\n${lines.join('\n')}`)
    }
    const [document, ...others] = documents
    if (others.length > 0) {
      const count = documents.length
      throw new RequestError('invalid', `read policy: the text has ${count} instead of one`)
    }
    this.#texts.set(document, yaml)
    return document
  }
}

/** What the agent says is for the user as it is. */
function asRequestError(action: string, error: unknown): Error {
  if (error instanceof AgentError || error instanceof RequestError) return error
  return new RequestError('refused', `${action}: ${(error as Error).message}`)
}
