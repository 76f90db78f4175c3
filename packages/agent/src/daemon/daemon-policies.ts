import type { RulePolicy } from '@tetragon-ts/rules'
import type { NodeWatch } from '../kubernetes/node-watch.ts'
import type { Log } from '../log/log.ts'
import type { LazyPolicies } from '../policies/kernel/kernel-loader.ts'
import type { PolicySources, SourceOptions } from '../policies/sources/index.ts'
import { requiredPaths } from '../policies/sources/policy-paths.ts'
import type { DescribedNode, PolicySource } from '../policies/sources/policy-source.ts'
import type { ReaderThread } from '../reader/reader-thread.ts'
import type { RuleObjects } from '../rules/rule-control.ts'
import type { RuleGap } from '../rules/rules-in-force.ts'
import { LimitWatch } from './limit-watch.ts'

type PolicyHost = LazyPolicies &
  DescribedNode & { readonly reader: Pick<ReaderThread, 'setRuleActions'> }

/**
 * The policy registry of the daemon with its sources. The code, in particular the policy compiler,
 * is loaded for the first policy file or when an endpoint needs the registry.
 */
export class DaemonPolicies {
  readonly #options: SourceOptions
  readonly #log: Log
  readonly #node: NodeWatch | undefined
  readonly #rules: RuleObjects
  #sources: Promise<PolicySources> | undefined
  #started: Promise<PolicySources> | undefined
  #files: PolicySources['files'] | undefined
  #limitWatch: LimitWatch | undefined
  #isClosed = false

  /**
   * @param node undefined: the API server is not watched
   * @param rules gets the detection rules of the API server
   */
  constructor(options: SourceOptions, log: Log, node: NodeWatch | undefined, rules: RuleObjects) {
    this.#options = options
    this.#rules = rules
    this.#log = log
    this.#node = node
  }

  /**
   * Reads the policy files before the agent starts; an error in one of them prevents the start,
   * unless errors are tolerated.
   * @throws AgentError AGENT_POLICY with all errors
   */
  async read(): Promise<void> {
    if (requiredPaths(this.#options.paths).length > 0) (await this.#make()).files.read()
  }

  /**
   * Loads the policies that {@link read} found, and those in the Kubernetes API.
   * @throws AgentError, and errors of the kernel
   */
  async start(agent: PolicyHost): Promise<void> {
    const { kubernetes, grpcFolder } = this.#options
    if (this.#sources ?? kubernetes ?? grpcFolder) await this.open(agent)
  }

  /** Loads the policies of detection rules, and removes those of earlier ones. */
  async useForRules(
    agent: PolicyHost,
    policies: readonly RulePolicy[],
  ): Promise<readonly RuleGap[]> {
    if (policies.length === 0 && this.#started === undefined) return []
    const { rules } = await this.open(agent)
    rules.onActions ??= (states) => agent.reader.setRuleActions(states)
    return rules.use(policies)
  }

  /**
   * The sources, after all of them have started: their policies are in the registry and loaded.
   * @throws AgentError, and errors of the kernel
   */
  open(agent: PolicyHost): Promise<PolicySources> {
    this.#started ??= this.#start(agent)
    return this.#started
  }

  async #start(agent: PolicyHost): Promise<PolicySources> {
    const sources = await this.#make()
    const { KernelLoader } = await import('../policies/kernel/kernel-loader.ts')
    const { PolicyRegistry } = await import('../policies/registry/policy-registry.ts')
    const registry = new PolicyRegistry(new KernelLoader(agent))
    this.#limitWatch = new LimitWatch(registry, (message) => this.#log.warning(message))
    for (const source of listed(sources)) await source.start(registry, agent)
    return sources
  }

  #make(): Promise<PolicySources> {
    this.#sources ??= import('../policies/sources/index.ts').then(({ policySources }) => {
      const sources = policySources(this.#options, this.#log, this.#node, this.#rules)
      this.#files = sources.files
      return sources
    })
    return this.#sources
  }

  /** Names of policies of files that are not in force as their files say. */
  get failed(): readonly string[] {
    return this.#files?.failed ?? []
  }

  /** Reloads each source, after SIGHUP. */
  async reload(agent: PolicyHost): Promise<void> {
    if (this.#isClosed) return
    try {
      for (const source of listed(await this.open(agent))) {
        if (!this.#isClosed) await this.#reload(source)
      }
    } catch (error) {
      this.#log.error(`reload policy files: ${(error as Error).message}`)
    }
  }

  async #reload(source: PolicySource): Promise<void> {
    if (source.reload === undefined) return
    const { added, replaced, removed, failures } = await source.reload()
    // Changes are refused while the agent stops.
    if (this.#isClosed) return
    for (const failure of failures) this.#log.error(`reload ${source.title}: ${failure}`)
    this.#log.info(
      `${source.title} reloaded: ${added} added, ${replaced} replaced, ${removed} removed`,
    )
  }

  /** The sources make no further changes; policies stay as they are. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#limitWatch?.[Symbol.dispose]()
    if (this.#sources === undefined) return
    for (const source of listed(await this.#sources)) source.close()
  }
}

function listed(sources: PolicySources): readonly PolicySource[] {
  return Object.values<PolicySource | undefined>(sources).filter((each) => each !== undefined)
}
