import type { GetPolicyProgramsResponse } from '@tetragon-ts/api'
import { selectionsOf } from '@tetragon-ts/compiler'
import type { Abilities, PolicyDocument } from '@tetragon-ts/policy'
import type { Loading } from '../registry/in-turns.ts'
import type {
  LoadedState,
  PolicyInKernel,
  PolicyLoader,
  SelectedWorkloads,
  SelectorCounts,
  WantedPrograms,
} from '../registry/policy-loader.ts'
import { checkSupport } from './check-support.ts'
import { listPrograms } from './listing/loaded-programs.ts'
import type { LoadedPolicy } from './loaded-policy.ts'
import type { Policies } from './policies.ts'

function countsOf(policy: LoadedPolicy): SelectorCounts[] {
  const counted = policy.allCounts()
  return policy.compiled.document.policy.hooks.flatMap((hook) =>
    counted(hook).map((counts, selectorIndex) => ({
      hook: hook.call || (hook.list ?? ''),
      hookIndex: hook.index,
      selectorIndex,
      selectorLabel: hook.selectors[selectorIndex]?.label ?? '',
      counts,
    })),
  )
}

class KernelPolicy implements PolicyInKernel {
  readonly #policies: Policies
  /** Its predecessors are forgotten. */
  #known: LoadedPolicy

  constructor(policies: Policies, policy: LoadedPolicy) {
    this.#policies = policies
    this.#known = policy
  }

  /** It may have been compiled again since. */
  get #policy(): LoadedPolicy {
    this.#known = this.#policies.latest(this.#known)
    return this.#known
  }

  state(): LoadedState {
    return {
      kernelMemoryBytes: this.#policies.memoryOf(this.#policy),
      hooks: this.#policies.hookStatuses(this.#policy),
      counts: countsOf(this.#policy),
      missed: this.#policy.missedNotifications(),
    }
  }

  get isAtLimit(): boolean {
    return this.#policy.isAtLimit
  }

  workloads(): SelectedWorkloads[] {
    const { document, workloads } = this.#policy.compiled
    return selectionsOf(document.policy).map(({ path, selection }) => {
      return { path, set: workloads.get(selection).number, selection }
    })
  }

  async programs(wanted: WantedPrograms): Promise<GetPolicyProgramsResponse> {
    const { compiled, collection } = this.#policy
    return listPrograms(compiled, collection.target, wanted)
  }

  async replace(document: PolicyDocument, loading?: Loading): Promise<PolicyInKernel> {
    const policy = await this.#policies.replace(this.#policy, document, loading)
    return new KernelPolicy(this.#policies, policy)
  }

  async setMode(document: PolicyDocument): Promise<PolicyInKernel> {
    const { mode } = document.policy.options
    if (!this.#policy.canSwitch(mode)) return this.replace(document)
    await this.#policies.setMode(this.#policy, mode)
    return this
  }

  unload(): Promise<void> {
    return this.#policies.remove(this.#policy)
  }
}

/** Loads policies; created on first use. */
export interface LazyPolicies {
  /** Options that policies may require. */
  readonly abilities: Abilities
  policies(): Promise<Policies>
}

/** The agent's policies in the kernel. */
export class KernelLoader implements PolicyLoader {
  readonly #agent: LazyPolicies

  constructor(agent: LazyPolicies) {
    this.#agent = agent
  }

  check(document: PolicyDocument, action: string): void {
    checkSupport([document], this.#agent.abilities, action)
  }

  async load(document: PolicyDocument, loading?: Loading): Promise<PolicyInKernel> {
    const policies = await this.#agent.policies()
    return new KernelPolicy(policies, await policies.add(document, loading))
  }
}
