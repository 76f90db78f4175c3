import { readFileSync } from 'node:fs'
import type { HookStatus } from '@tetragon-ts/api'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import type { Hook, PolicyDocument } from '@tetragon-ts/policy'
import type { Agent } from '../agent.ts'
import type { LoadedPolicy } from '../policies/loaded-policy.ts'
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

/** Memory of a policy's programs and its own maps. */
function kernelMemory(policy: LoadedPolicy): number {
  const { maps, programs } = policy.collection
  const own = [...maps].filter(([spec]) => policy.owns(spec))
  const ofMaps = own.reduce((sum, [, map]) => sum + (map.memory() ?? 0), 0)
  return programs.reduce((sum, program) => sum + programMemory(program), ofMaps)
}

/** Bytes as /proc shows them, in whole pages (kernel/bpf/syscall.c, bpf_prog_show_fdinfo). */
function programMemory({ fd }: LoadedProgram): number {
  if (fd.closed) return 0
  const text = readFileSync(`/proc/self/fdinfo/${fd.number}`, 'latin1')
  return Number(/^memlock:\s*(\d+)/m.exec(text)?.[1] ?? 0)
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
  readonly #agent: Agent
  readonly #policy: LoadedPolicy

  constructor(agent: Agent, policy: LoadedPolicy) {
    this.#agent = agent
    this.#policy = policy
  }

  state(): LoadedState {
    return {
      kernelMemoryBytes: kernelMemory(this.#policy),
      hooks: hookStatuses(this.#policy),
      counts: countsOf(this.#policy),
    }
  }

  async replace(document: PolicyDocument): Promise<PolicyInKernel> {
    const policies = await this.#agent.policies()
    return new KernelPolicy(this.#agent, await policies.replace(this.#policy, document))
  }

  async unload(): Promise<void> {
    await (await this.#agent.policies()).remove(this.#policy)
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
    return new KernelPolicy(this.#agent, await policies.add(document))
  }

  loadedAtStart() {
    return this.#agent.loadedPolicies.map((policy) => ({
      document: policy.compiled.document,
      kernel: new KernelPolicy(this.#agent, policy),
    }))
  }
}
