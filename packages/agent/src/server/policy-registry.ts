import type { TracingPolicyState, TracingPolicyStatus } from '@tetragon-ts/api'
import { formatDiagnostic, type PolicyDocument, readPolicies } from '@tetragon-ts/policy'
import { AgentError } from '../error.ts'
import type { PolicyLoader } from './policy-loader.ts'
import type { PolicyStore } from './policy-store.ts'
import { RequestError } from './request-error.ts'
import type { PolicyChange, PolicyControl, PolicyId } from './server-host.ts'

const staticDomain = 'static'
const grpcDomain = 'grpc'

type State = Extract<TracingPolicyState, `TP_STATE_${string}`>

/** A policy that somebody added, whether or not it could be loaded. */
interface Entry {
  readonly number: number
  readonly id: PolicyId
  readonly document: PolicyDocument
  state: State
  error: string
}

/**
 * The policies that the agent was given, by id, with what became of them. One that could not be
 * loaded stays, with its error, until it is deleted or added anew. Changes are made one after the
 * other.
 */
export class PolicyRegistry implements PolicyControl {
  readonly #loader: PolicyLoader
  readonly #store: PolicyStore | undefined
  readonly #entries = new Map<string, Entry>()
  #nextNumber = 1
  #change: Promise<unknown> = Promise.resolve()

  /** @param store where policies are kept that are to come back after a restart */
  constructor(loader: PolicyLoader, store?: PolicyStore) {
    this.#loader = loader
    this.#store = store
    for (const document of loader.loadedAtStart()) {
      const entry = this.#enter(document, staticDomain)
      entry.state = 'TP_STATE_ENABLED'
    }
  }

  /** Loads what is in the store. @returns why some could not be */
  async restore(): Promise<string[]> {
    const failures: string[] = []
    for (const { id, yaml } of this.#store?.read() ?? []) {
      await this.#serialize(() => this.#add(yaml, id.domain)).catch((error: Error) => {
        failures.push(error.message)
      })
    }
    return failures
  }

  add(yaml: string, domain: string): Promise<void> {
    return this.#serialize(async () => {
      const { id } = await this.#add(yaml, domain)
      this.#store?.save({ id, yaml })
    })
  }

  async #add(yaml: string, domain: string): Promise<Entry> {
    const document = readOne(yaml)
    const { name } = document.policy
    const same = [...this.#entries.values()].find(({ id }) => id.name === name)
    if (same !== undefined && same.state !== 'TP_STATE_LOAD_ERROR') {
      throw new RequestError('exists', `add policy ${name}: ${describe(same.id)} is there already`)
    }
    if (same !== undefined) this.#entries.delete(keyOf(same.id))
    const entry = this.#enter(document, domain)
    await this.#load(entry)
    return entry
  }

  remove(id: PolicyId): Promise<void> {
    return this.#serialize(async () => {
      const entry = this.#find('delete', id)
      if (isLoaded(entry)) await this.#unload(entry)
      this.#entries.delete(keyOf(id))
      this.#store?.delete(id)
    })
  }

  configure(id: PolicyId, { enable, mode }: PolicyChange): Promise<void> {
    return this.#serialize(async () => {
      const entry = this.#find('configure', id)
      if (mode !== undefined && mode !== entry.document.policy.options.mode) {
        throw new RequestError(
          'unsupported',
          `configure policy ${id.name}: this agent cannot change the mode of a policy; delete it ` +
            `and add it with the option policy-mode: ${mode}`,
        )
      }
      if (enable === true && !isLoaded(entry)) await this.#load(entry)
      if (enable === false && isLoaded(entry)) {
        await this.#unload(entry)
        entry.state = 'TP_STATE_DISABLED'
      }
    })
  }

  async list(domain?: string): Promise<TracingPolicyStatus[]> {
    const entries = [...this.#entries.values()]
    return entries
      .filter(({ id }) => domain === undefined || id.domain === domain)
      .map((entry) => this.#statusOf(entry))
  }

  async domains(): Promise<string[]> {
    const used = [...this.#entries.values()].map(({ id }) => id.domain)
    return [...new Set([grpcDomain, staticDomain, ...used])].sort()
  }

  #statusOf({ number, id, document, state, error }: Entry): TracingPolicyStatus {
    const loaded = this.#loader.state(id.name)
    const enabled = state === 'TP_STATE_ENABLED'
    const sections = new Set(document.policy.hooks.map(({ section }) => section))
    return {
      id: number,
      ...id,
      info: `${id.name} enabled:${enabled} filterID:0 error:${error}`,
      sensors: [...sections].map((section) => `generic_${section.replace(/s$/, '')}`),
      enabled,
      filter_id: 0,
      error,
      state,
      kernel_memory_bytes: loaded?.kernelMemoryBytes ?? 0,
      mode: document.policy.options.mode === 'enforce' ? 'TP_MODE_ENFORCE' : 'TP_MODE_MONITOR',
      hook_statuses: [...(loaded?.hooks ?? [])],
    }
  }

  #enter(document: PolicyDocument, domain: string): Entry {
    const { name, namespace } = document.policy
    const id = { name, namespace, domain }
    const state: State = 'TP_STATE_DISABLED'
    const entry: Entry = { number: this.#nextNumber++, id, document, state, error: '' }
    this.#entries.set(keyOf(id), entry)
    return entry
  }

  #find(action: string, id: PolicyId): Entry {
    const entry = this.#entries.get(keyOf(id))
    if (entry !== undefined) return entry
    const others = [...this.#entries.values()].filter(({ id: { name } }) => name === id.name)
    const hint = others.map((other) => `; ${describe(other.id)} is there`).join('')
    throw new RequestError('not_found', `${action} policy: there is no ${describe(id)}${hint}`)
  }

  async #load(entry: Entry): Promise<void> {
    entry.state = 'TP_STATE_LOADING'
    try {
      await this.#loader.load(entry.document)
      entry.state = 'TP_STATE_ENABLED'
      entry.error = ''
    } catch (error) {
      entry.state = 'TP_STATE_LOAD_ERROR'
      entry.error = (error as Error).message
      throw error instanceof AgentError
        ? error
        : new RequestError('refused', `load policy ${entry.id.name}: ${entry.error}`)
    }
  }

  async #unload(entry: Entry): Promise<void> {
    entry.state = 'TP_STATE_UNLOADING'
    try {
      await this.#loader.unload(entry.id.name)
    } catch (error) {
      entry.state = 'TP_STATE_ERROR'
      entry.error = (error as Error).message
      throw error
    }
  }

  #serialize<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#change.then(change)
    this.#change = result.catch(() => {})
    return result
  }
}

function keyOf({ name, namespace, domain }: PolicyId): string {
  return JSON.stringify([domain, namespace, name])
}

function isLoaded({ state }: Entry): boolean {
  return state === 'TP_STATE_ENABLED'
}

function describe({ name, namespace, domain }: PolicyId): string {
  const where = namespace === '' ? '' : ` in namespace ${namespace}`
  return `policy ${name}${where} of domain ${domain}`
}

/** Reads the text of one policy. @throws RequestError with all that is wrong */
function readOne(yaml: string): PolicyDocument {
  const { documents, diagnostics } = readPolicies(yaml, 'policy.yaml')
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) {
    const lines = errors.map((error) => formatDiagnostic(error, yaml))
    throw new RequestError('invalid', `read policy:\n${lines.join('\n')}`)
  }
  if (documents.length === 1) return documents[0]
  throw new RequestError('invalid', `read policy: the text has ${documents.length} instead of one`)
}
