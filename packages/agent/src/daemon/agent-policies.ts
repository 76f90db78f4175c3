import type { PolicyDocument } from '@tetragon-ts/policy'
import type { AgentOptions } from '../config/agent-options.ts'
import type { Log } from '../log/log.ts'
import type { PolicyRegistry } from '../policies/registry/policy-registry.ts'
import { requiredPaths } from '../policies/sources/policy-paths.ts'
import type { Agent } from './agent.ts'
import type { OpenedPolicies } from './open-policies.ts'

interface PolicyRequest {
  readonly options: Pick<AgentOptions, 'policies'>
  readonly server: { readonly policyFolder?: string | undefined } | undefined
}

/** The policies of the daemon. Their code is loaded when it is first needed. */
export class AgentPolicies {
  readonly #agent: Agent
  readonly #request: PolicyRequest
  readonly #documents: readonly PolicyDocument[]
  readonly #log: Log
  #opened: Promise<OpenedPolicies> | undefined

  /**
   * Reads the policies of files, before the agent starts.
   * @throws AgentError AGENT_POLICY with everything that is wrong
   */
  static async read({ options }: PolicyRequest): Promise<readonly PolicyDocument[]> {
    const paths = requiredPaths(options.policies)
    if (paths.length === 0) return []
    const { readAtStart } = await import('../policies/sources/policy-files.ts')
    return readAtStart(paths)
  }

  /** @param documents what {@link read} found */
  constructor(
    agent: Agent,
    request: PolicyRequest,
    documents: readonly PolicyDocument[],
    log: Log,
  ) {
    this.#agent = agent
    this.#request = request
    this.#documents = documents
    this.#log = log
  }

  /** Loads the policies of files. @throws AgentError, and other errors of the kernel */
  async start(): Promise<void> {
    if (this.#documents.length > 0) await this.#open()
  }

  /** All policies; with those that were kept before the agent started. @throws AgentError */
  async registry(): Promise<PolicyRegistry> {
    return (await this.#open()).registry
  }

  #open(): Promise<OpenedPolicies> {
    this.#opened ??= this.#openNow()
    return this.#opened
  }

  async #openNow(): Promise<OpenedPolicies> {
    const { openPolicies } = await import('./open-policies.ts')
    const { options, server } = this.#request
    const folder = server?.policyFolder
    return openPolicies(this.#agent, options.policies, this.#documents, folder, this.#log)
  }

  /** Reads the files of policies again and does what has changed. */
  async reload(): Promise<void> {
    const log = this.#log
    try {
      const { files } = await this.#open()
      const { added, replaced, removed, failures } = await files.reload()
      for (const failure of failures) log.error(`reload policy files: ${failure}`)
      log.info(`policy files reloaded: ${added} added, ${replaced} replaced, ${removed} removed`)
    } catch (error) {
      log.error(`reload policy files: ${(error as Error).message}`)
    }
  }
}
