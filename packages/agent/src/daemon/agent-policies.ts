import type { AgentOptions } from '../config/agent-options.ts'
import type { Log } from '../log/log.ts'
import type { PolicyRegistry } from '../policies/registry/policy-registry.ts'
import type { PolicyFiles } from '../policies/sources/policy-files.ts'
import type { Agent } from './agent.ts'

interface PolicyRequest {
  readonly options: Pick<AgentOptions, 'policies'>
  readonly server: { readonly policyFolder?: string | undefined } | undefined
}

/**
 * What can be done with the agent's policies. The code for it is loaded when it is first asked for.
 */
export class AgentPolicies {
  readonly #agent: Agent
  readonly #request: PolicyRequest
  readonly #log: Log
  #registry: Promise<PolicyRegistry> | undefined
  #files: PolicyFiles | undefined

  constructor(agent: Agent, request: PolicyRequest, log: Log) {
    this.#agent = agent
    this.#request = request
    this.#log = log
  }

  /** All policies; with those that were kept before the agent started. @throws AgentError */
  registry(): Promise<PolicyRegistry> {
    this.#registry ??= this.#open()
    return this.#registry
  }

  async #open(): Promise<PolicyRegistry> {
    const { openPolicies } = await import('./open-policies.ts')
    return openPolicies(this.#agent, this.#request.server?.policyFolder, this.#log)
  }

  /** Reads the files of policies again and does what has changed. */
  async reload(): Promise<void> {
    const log = this.#log
    try {
      const { PolicyFiles } = await import('../policies/sources/policy-files.ts')
      this.#files ??= new PolicyFiles(this.#request.options.policies, await this.registry())
      const { added, replaced, removed, failures } = await this.#files.reload()
      for (const failure of failures) log.error(`reload policy files: ${failure}`)
      log.info(`policy files reloaded: ${added} added, ${replaced} replaced, ${removed} removed`)
    } catch (error) {
      log.error(`reload policy files: ${(error as Error).message}`)
    }
  }
}
