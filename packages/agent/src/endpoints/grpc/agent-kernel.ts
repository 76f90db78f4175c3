import type { KernelMap, KernelProgram } from '@tetragon-ts/api'
import { heldMaps } from '@tetragon-ts/ebpf/open-maps'
import { enableRunStats, heldPrograms } from '@tetragon-ts/ebpf/programs'
import { processTable } from '@tetragon-ts/sensors'
import { SyscallCounter } from '@tetragon-ts/sensors/activity'
import type { KernelFile } from '../../policies/kernel/kernel-file.ts'
import { readLosses } from '../../reader/losses.ts'
import type { ServedAgent } from '../endpoint.ts'
import type { CallCounter, KernelInspection } from './server-host.ts'

/** Inspects the kernel objects of a running agent. */
export class AgentKernel implements KernelInspection {
  readonly #agent: ServedAgent

  constructor(agent: ServedAgent) {
    this.#agent = agent
  }

  programs(): KernelProgram[] {
    const policies = this.#policiesOf(({ collection }) =>
      collection.programs.filter(({ fd }) => !fd.closed).map((program) => program.info().id),
    )
    return heldPrograms().map((program) => ({
      id: program.id,
      name: program.name,
      type: program.type,
      policy: policies.get(program.id) ?? '',
      instructions: program.instructions,
      jited_bytes: program.jitedBytes,
      memory_bytes: program.memoryBytes,
      run_count: String(program.runCount),
      run_time_ns: String(program.runTimeNs),
      recursion_misses: String(program.recursionMisses),
    }))
  }

  maps(): KernelMap[] {
    const policies = this.#policiesOf((policy) =>
      [...policy.collection.maps]
        .filter(([spec, { fd }]) => policy.owns(spec) && !fd.closed)
        .map(([, map]) => map.info().id),
    )
    return heldMaps().map((map) => ({
      id: map.id,
      name: map.name,
      type: map.type,
      policy: policies.get(map.id) ?? '',
      key_bytes: map.keySize,
      value_bytes: map.valueSize,
      max_entries: map.maxEntries,
      memory_bytes: map.memoryBytes,
    }))
  }

  /** Names of policies by the ids of their kernel objects. */
  #policiesOf(
    ids: (policy: ServedAgent['loadedPolicies'][number]) => number[],
  ): Map<number, string> {
    const found = this.#agent.loadedPolicies.flatMap((policy) => {
      const { name } = policy.compiled.document.policy
      return ids(policy).map((id) => [id, name] as const)
    })
    return new Map(found)
  }

  countRuns(): Disposable {
    return enableRunStats()
  }

  processTable(): ReturnType<KernelInspection['processTable']> {
    const table = this.#agent.sensor.collection.map(processTable)
    const entries = [...table.entries()].map(([pid, { key, parent, nspid }]) => ({
      pid,
      ktime_ns: String(key.ktime),
      parent_pid: parent.pid,
      parent_ktime_ns: String(parent.ktime),
      namespace_pid: nspid,
    }))
    return { entries, maxEntries: this.#agent.processTableSize }
  }

  losses(): Readonly<Record<string, number>> {
    const losses = readLosses(this.#agent)
    return Object.fromEntries(
      losses.flatMap(({ inspected, total }) => (inspected ? [[inspected, total]] : [])),
    )
  }

  describe(): Promise<KernelFile> {
    return this.#agent.describeKernel()
  }

  countCalls(): CallCounter {
    return new SyscallCounter(this.#agent.sensor.collection.target)
  }
}
