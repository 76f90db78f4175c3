import { readFileSync } from 'node:fs'
import type { HookStatus } from '@tetragon-ts/api'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import type { PolicyDocument } from '@tetragon-ts/policy'
import type { Agent } from '../agent.ts'
import type { LoadedPolicy } from '../policies/loaded-policy.ts'
import type { LoadedState, PolicyLoader } from './policy-loader.ts'

function hookStatuses({ compiled }: LoadedPolicy): HookStatus[] {
  return compiled.hooks.map(({ planned: { hook, plan } }) => ({
    section: hook.section,
    state: 'STATUS_LOADED',
    hook_description: `${hook.call || hook.list} (${plan.backend})`,
    hook_idx: hook.index,
  }))
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

/** The agent's policies in the kernel. */
export class KernelLoader implements PolicyLoader {
  readonly #agent: Agent

  constructor(agent: Agent) {
    this.#agent = agent
  }

  async load(document: PolicyDocument): Promise<void> {
    await (await this.#agent.policies()).add(document)
  }

  async unload(name: string): Promise<void> {
    await (await this.#agent.policies()).remove(name)
  }

  state(name: string): LoadedState | undefined {
    const policy = this.#agent.loadedPolicies.find(
      ({ compiled }) => compiled.document.policy.name === name,
    )
    return policy && { kernelMemoryBytes: kernelMemory(policy), hooks: hookStatuses(policy) }
  }

  loadedAtStart(): readonly PolicyDocument[] {
    return this.#agent.loadedPolicies.map(({ compiled }) => compiled.document)
  }
}
