import type { HookStatus } from '@tetragon-ts/api'
import type { Hook, PolicyDocument } from '@tetragon-ts/policy'
import type { Agent } from '../agent.ts'
import type { LoadedPolicy } from '../policies/loaded-policy.ts'
import type { Policies } from '../policies/policies.ts'
import type { LoadedState, PolicyInKernel, PolicyLoader, SelectorCounts } from './policy-loader.ts'

/** What became of each hook of a policy, with the back ends that lead to it. */
export function hookStatuses({ compiled }: LoadedPolicy): HookStatus[] {
  const { document, hooks, notFound } = compiled
  return document.policy.hooks.map((hook) => {
    const isOf = (other: Hook): boolean => other.path === hook.path
    const ways = hooks.filter(({ planned }) => isOf(planned.hook))
    const backends = [...new Set(ways.map(({ planned }) => planned.plan.backend))]
    const missing = notFound.some((each) => isOf(each.hook))
    const part = missing ? 'STATUS_PARTIAL_CALL_NOT_FOUND' : 'STATUS_LOADED'
    const how = backends.length > 0 ? ` (${backends.join(', ')})` : ''
    return {
      section: hook.section,
      state: ways.length > 0 ? part : 'STATUS_CALL_NOT_FOUND',
      hook_description: `${hook.call || hook.list}${how}`,
      hook_idx: hook.index,
    }
  })
}

function countsOf(policy: LoadedPolicy): SelectorCounts[] {
  return policy.compiled.document.policy.hooks.flatMap((hook) =>
    policy.counts(hook).map(({ post, nopost }, selectorIndex) => ({
      ...{ hook: hook.call || (hook.list ?? ''), hookIndex: hook.index, selectorIndex },
      selectorLabel: hook.selectors[selectorIndex]?.label ?? '',
      ...{ post, nopost },
    })),
  )
}

class KernelPolicy implements PolicyInKernel {
  readonly #policies: Policies
  readonly #policy: LoadedPolicy

  constructor(policies: Policies, policy: LoadedPolicy) {
    this.#policies = policies
    this.#policy = policy
  }

  state(): LoadedState {
    return {
      kernelMemoryBytes: this.#policies.memoryOf(this.#policy),
      hooks: hookStatuses(this.#policy),
      counts: countsOf(this.#policy),
    }
  }

  async replace(document: PolicyDocument): Promise<PolicyInKernel> {
    return new KernelPolicy(this.#policies, await this.#policies.replace(this.#policy, document))
  }

  unload(): Promise<void> {
    return this.#policies.remove(this.#policy)
  }
}

/** The agent's policies in the kernel. */
export class KernelLoader implements PolicyLoader {
  readonly #agent: Agent

  constructor(agent: Agent) {
    this.#agent = agent
  }

  async load(document: PolicyDocument): Promise<PolicyInKernel> {
    const policies = await this.#agent.policies()
    return new KernelPolicy(policies, await policies.add(document))
  }

  loadedAtStart() {
    const policies = this.#agent.openedPolicies
    return [...(policies?.loaded ?? [])].map((policy) => ({
      document: policy.compiled.document,
      kernel: new KernelPolicy(policies as Policies, policy),
    }))
  }
}
