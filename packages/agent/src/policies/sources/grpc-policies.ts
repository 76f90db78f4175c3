import type { GetPolicyProgramsResponse, PolicyText, TracingPolicyStatus } from '@tetragon-ts/api'
import { rulePolicyPrefix } from '@tetragon-ts/rules'
import { SerialQueue } from '@tetragon-ts/service/queue'
import { AgentError } from '../../error.ts'
import { RequestError } from '../../request-error.ts'
import type {
  ListedPolicies,
  NamedPolicy,
  PolicyChange,
  PolicyControl,
  PolicyId,
  PolicySelections,
} from '../registry/policy-control.ts'
import { idOf } from '../registry/policy-id.ts'
import type { WantedPrograms } from '../registry/policy-loader.ts'
import type { PolicyOrigin } from '../registry/policy-origin.ts'
import { rulesDomain } from '../registry/policy-origin.ts'
import type { PolicyRegistry } from '../registry/policy-registry.ts'
import { PolicyStore, type StoredPolicy } from '../registry/policy-store.ts'
import { readClientText, readStoredText } from './client-text.ts'
import type { PolicySource } from './policy-source.ts'

const defaultDomain = 'grpc'
/** Reserved for objects that are not policies, and for policies of detection rules. */
const reservedDomains = ['sensors', rulesDomain]
const domainForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/**
 * The policies that gRPC clients add, and operations of clients on the policies of all sources:
 * clients can list, configure and delete each of them.
 */
export class GrpcPolicies implements PolicySource, PolicyControl {
  readonly title = 'policies of gRPC clients'
  readonly #folder: string | undefined
  readonly #warn: (message: string) => void
  #origin: PolicyOrigin = { domain: defaultDomain }
  #registry: PolicyRegistry | undefined
  /** Texts are read one after the other: requests are handled in their order. */
  readonly #texts = new SerialQueue()
  #isClosed = false

  /**
   * @param folder stores policies across restarts; undefined: they end with the agent
   * @param warn is called for each stored policy that cannot be loaded
   */
  constructor(folder: string | undefined, warn: (message: string) => void) {
    this.#folder = folder
    this.#warn = warn
  }

  /** Loads the stored policies. @throws AgentError AGENT_SERVER if the folder cannot be used */
  async start(registry: PolicyRegistry): Promise<void> {
    const store = this.#folder === undefined ? undefined : openStore(this.#folder)
    this.#origin = { domain: defaultDomain, store }
    this.#registry = registry
    registry.register(this.#origin)
    for (const stored of store?.read() ?? []) {
      await this.#restore(registry, stored).catch((error: Error) => {
        this.#warn(`restore policies: ${error.message}`)
      })
    }
  }

  async #restore(registry: PolicyRegistry, stored: StoredPolicy): Promise<void> {
    const read = await readStoredText(stored.id.name, stored.yaml)
    await registry.restore(this.#origin, { ...stored, ...read })
  }

  close(): void {
    this.#isClosed = true
  }

  async add(
    yaml: string,
    domain = defaultDomain,
    replace = false,
    read?: (id: PolicyId) => void,
  ): Promise<void> {
    const registry = this.#open('add')
    if (!domainForm.test(domain) || reservedDomains.includes(domain)) {
      throw new RequestError('invalid', `add policy: invalid domain ${domain}`)
    }
    const document = await this.#texts.run(() => readClientText(yaml))
    const id = idOf(document, domain)
    read?.(id)
    await registry.add(this.#origin, id, { document, yaml }, replace)
  }

  async remove(policy: NamedPolicy): Promise<void> {
    const registry = this.#open('delete')
    await this.#texts.idle()
    await registry.remove(withDomain(policy))
  }

  async configure(policy: NamedPolicy, change: PolicyChange): Promise<void> {
    const registry = this.#open('configure')
    await this.#texts.idle()
    await registry.configure(withDomain(policy), change)
  }

  async list(wanted?: ListedPolicies): Promise<TracingPolicyStatus[]> {
    return this.#registry?.list(wanted) ?? []
  }

  async domains(): Promise<string[]> {
    return this.#registry?.domains() ?? []
  }

  async texts(): Promise<PolicyText[]> {
    return this.#registry?.texts() ?? []
  }

  async selections(): Promise<PolicySelections[]> {
    return this.#registry?.selections() ?? []
  }

  async programs(policy: NamedPolicy, wanted: WantedPrograms): Promise<GetPolicyProgramsResponse> {
    return this.#open('show programs of').programs(withDomain(policy), wanted)
  }

  /** @throws RequestError before the start and after the end */
  #open(action: string): PolicyRegistry {
    if (this.#registry !== undefined && !this.#isClosed) return this.#registry
    const state = this.#isClosed ? 'stopping' : 'starting'
    throw new RequestError('refused', `${action} policy: the agent is ${state}`)
  }
}

/** Names that belong to detection rules need no domain: no other policy has them. */
function withDomain({ name, namespace, domain }: NamedPolicy): PolicyId {
  const usual = name.startsWith(rulePolicyPrefix) ? rulesDomain : defaultDomain
  return { name, namespace, domain: domain ?? usual }
}

/** @throws AgentError AGENT_SERVER */
function openStore(folder: string): PolicyStore {
  try {
    return new PolicyStore(folder)
  } catch (cause) {
    const message = `keep policies in ${folder}: ${(cause as Error).message}`
    throw new AgentError('AGENT_SERVER', message, { cause })
  }
}
