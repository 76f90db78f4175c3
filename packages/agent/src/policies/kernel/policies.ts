import type { HookStatus } from '@tetragon-ts/api'
import type { Btf } from '@tetragon-ts/ebpf/btf'
import { Collection, type Target } from '@tetragon-ts/ebpf/lang'
import { createMap, type MapSpec, type OpenMaps } from '@tetragon-ts/ebpf/maps'
import type { PinFolder } from '@tetragon-ts/ebpf/sys'
import {
  type Abilities,
  formatDiagnostic,
  type Policy,
  type PolicyDocument,
  type PolicyOptions,
} from '@tetragon-ts/policy'
import { processTable } from '@tetragon-ts/sensors'
import type { CompiledPolicy, KernelView, ProgramKind } from '@tetragon-ts/sensors/compiler'
import {
  type Calls,
  callsMap,
  callsMapOf,
  compilePolicy,
  Dispatchers,
  followedFilesMap,
  forgetCalls,
  guardsMap,
  HookDispatchers,
  hostNamespaces,
  longFollowedFilesMap,
  mapsOfActions,
  membersMap,
  policyTarget,
  RuledOut,
  runningKernel,
  scratchPool,
} from '@tetragon-ts/sensors/compiler'
import type { CgroupHierarchy, ProcessWalk } from '@tetragon-ts/sensors/process'
import type { LateCount } from '../../reader/handlers/late-counts.ts'
import type { ReaderThread } from '../../reader/reader-thread.ts'
import { KernelChanges } from '../registry/kernel-changes.ts'
import { PermissionEvents } from './fanotify/permission-events.ts'
import { FollowedFilesUpkeep } from './followed-files-upkeep.ts'
import { HeldFileSets } from './held-file-sets.ts'
import { hookStatuses } from './hook-statuses.ts'
import { hostRoot } from './host-root.ts'
import { collectionMemory } from './kernel-memory.ts'
import { HooksRefused, LoadedPolicy } from './loaded-policy.ts'
import { PolicyError, tooLarge } from './policy-error.ts'
import { ProcessSetTable } from './process-set-table.ts'
import { RefusalGenerations } from './refusal-generations.ts'
import { ruleOut } from './rule-out.ts'
import type { SharedMaps } from './shared-maps.ts'
import { UserRequests } from './user-requests.ts'
import { WorkloadTable } from './workload-table.ts'

/** Maps shared by policies, created for the first policy. */
const followedMaps = [followedFilesMap, longFollowedFilesMap]

/** What the policies of an agent need. */
export interface PoliciesOptions {
  readonly btf: Btf
  readonly reader: ReaderThread
  /** Maps of the process sensor that policy programs use. */
  readonly shared: OpenMaps
  /** Finds the running processes. */
  readonly walk: ProcessWalk
  /** Maximum number of calls that wait for their return. */
  readonly callsMax: number
  /** Of the containers' control groups. */
  readonly hierarchy: CgroupHierarchy
  /** Options of the agent that policies may require. */
  readonly abilities: Abilities
  /** Paths of executables that enforcing actions spare. */
  readonly guarded: readonly string[]
  /** Leads to the root of the host, which has them. */
  readonly procfs: string
  /** Keeps programs attached when the agent ends. */
  readonly pins?: PinFolder | undefined
  /** Disabled back ends. */
  readonly switchedOff: readonly ProgramKind[]
  /** Whether the runtime waits with new containers until their pod is known. */
  readonly holdsContainers: () => boolean
}

/** The policies in the kernel. Changes are serialized. */
export class Policies implements Disposable {
  readonly #reader: ReaderThread
  readonly #target: Target
  readonly #kernel: KernelView
  readonly #shared: SharedMaps
  readonly #collection: Collection
  readonly #sets: ProcessSetTable
  readonly #workloads: WorkloadTable
  readonly #hooks: HookDispatchers
  readonly #permissionEvents: PermissionEvents
  readonly #files: HeldFileSets
  readonly #refusals: RefusalGenerations
  readonly #hasGuards: boolean
  readonly #holdsContainers: () => boolean
  /** Followed descriptors. */
  readonly followed: FollowedFilesUpkeep
  /** Requests of actions to user space. */
  readonly requests = new UserRequests()
  /** Called with programs that the kernel refused, even if another back end is used. */
  onRefused: ((error: Error) => void) | undefined
  readonly #abilities: Abilities
  /** Called for each warning about a loaded policy. */
  onWarning: ((message: string) => void) | undefined
  /** Called after each change, whether or not it succeeded. */
  onChanged: (() => void) | undefined
  readonly #changes = new KernelChanges<LoadedPolicy>({
    load: (document, old) => this.#load(document, old?.policyId ?? this.#nextPolicyId++, old),
    unload: (policy, successor) => this.#unload(policy, successor),
    // The successor is attached. Hits of both are still posted once.
    leftBehind: (error) => this.onRefused?.(error),
    nameOf: ({ compiled }) => compiled.document.policy.name,
  })
  #missedBefore = 0
  #nextPolicyId = 1
  #nextHookId = 1
  #isClosed = false

  constructor(options: PoliciesOptions) {
    const { btf, reader, shared, walk, callsMax, hierarchy, abilities } = options
    const { guarded, procfs, switchedOff } = options
    this.#reader = reader
    this.#holdsContainers = options.holdsContainers
    this.#abilities = abilities
    this.#target = { ...policyTarget(btf), pins: options.pins }
    this.#collection = new Collection(this.#target)
    this.#collection.share(callsMap, createMap(callsMapOf(callsMax)))
    this.#hooks = new HookDispatchers(this.#collection)
    const processes = shared.get(processTable)
    if (!processes) throw new Error('open policies: the process table is not shared')
    const namespaces = hostNamespaces(processes)
    const root = hostRoot(procfs, namespaces('Mnt'))
    const ringSize = reader.ring.spec.maxEntries
    this.#kernel = runningKernel(btf, new Dispatchers(this.#collection), {
      ...{ hostNamespace: namespaces, hostRoot: root, hierarchy, switchedOff },
      ...{ ringSize, hasGuards: guarded.length > 0 },
    })
    const warn = (message: string): void => this.onWarning?.(message)
    this.#permissionEvents = new PermissionEvents(warn)
    this.#files = new HeldFileSets(this.#collection, root, warn)
    this.#hasGuards = guarded.length > 0
    if (this.#hasGuards) {
      const inodes = this.#collection.map(guardsMap)
      this.#files.hold({ what: 'guard', paths: guarded, inodes, onlyRegular: true })
    }
    this.#shared = shared
      .set(callsMap, this.#collection.map(callsMap))
      .set(scratchPool, this.#collection.map(scratchPool))
    const followed = () => followedMaps.flatMap((spec) => this.#collection.existing(spec) ?? [])
    this.followed = new FollowedFilesUpkeep(followed, processes)
    this.#refusals = new RefusalGenerations(this.#target, this.#shared, ringSize, warn)
    this.#sets = new ProcessSetTable(this.#target, this.#shared, walk)
    this.#workloads = new WorkloadTable(this.#target, hierarchy, reader, this.#shared, walk)
    reader.onRequests = (requests) => this.requests.add(requests)
    reader.onCounted = (counts) => this.#count(counts)
    reader.onAbandoned = (calls) => forgetCalls(this.#calls, calls)
  }

  /**
   * Loads a policy, as a whole or not at all; it is attached when the promise is fulfilled.
   * @throws AgentError AGENT_POLICY with all errors
   */
  add(document: PolicyDocument): Promise<LoadedPolicy> {
    return this.#changed(this.#changes.add(document))
  }

  /**
   * Replaces a policy. The new one is attached before the old one is unloaded, and continues with
   * its followed descriptors and sockets. A hit that both see is posted once.
   * @throws AgentError AGENT_POLICY; then the old one is unchanged
   */
  replace(old: LoadedPolicy, document: PolicyDocument): Promise<LoadedPolicy> {
    return this.#changed(this.#changes.replace(old, document))
  }

  /**
   * Switches the mode of a policy in the kernel. Once the promise is fulfilled, every decision
   * follows the new mode.
   * @throws AgentError AGENT_POLICY if it is not loaded
   */
  setMode(policy: LoadedPolicy, mode: PolicyOptions['mode']): Promise<void> {
    return this.#changes.adjust('set mode of', policy, () => policy.setMode(mode))
  }

  /** Unloads a policy. @throws AgentError AGENT_POLICY if it is not loaded */
  remove(policy: LoadedPolicy): Promise<void> {
    return this.#changed(this.#changes.remove(policy))
  }

  #changed<Result>(change: Promise<Result>): Promise<Result> {
    return change.finally(() => this.onChanged?.())
  }

  /** Loaded policies, in load order. */
  get loaded(): ReadonlySet<LoadedPolicy> {
    return this.#changes.loaded
  }

  /** State of each hook of a policy, with its back ends. */
  hookStatuses(policy: LoadedPolicy): readonly HookStatus[] {
    return hookStatuses(policy, this.#holdsContainers())
  }

  /** The process sets that they use. */
  get processSets(): ProcessSetTable {
    return this.#sets
  }

  /** The sets of workloads that they use. */
  get workloads(): WorkloadTable {
    return this.#workloads
  }

  /** Programs shared by several policies. */
  get shared(): readonly Collection[] {
    const { collection } = this.#workloads
    const own = [this.#collection, this.#refusals.collection]
    return [...own, ...this.#sets.collections, ...(collection ? [collection] : [])]
  }

  /**
   * Bytes of kernel memory of a policy: its programs and maps, and its share of those that it
   * shares with other policies. Memory that the agent uses without policies is not included.
   */
  memoryOf(policy: LoadedPolicy): number {
    const users = (spec: MapSpec): number =>
      [...this.loaded].filter(({ collection }) => collection.uses(spec)).length
    const { members } = this.#sets
    const own = [...this.#collection.maps, ...this.#refusals.maps]
    const all = [...own, ...(members ? [[membersMap, members] as const] : [])]
    const ofCommon = all
      .filter(([spec]) => policy.collection.uses(spec as MapSpec))
      .reduce((sum, [spec, map]) => sum + (map.memory() ?? 0) / users(spec as MapSpec), 0)
    const ofSets = policy.processSets.reduce((sum, set) => sum + this.#sets.memoryShare(set), 0)
    return Math.round(collectionMemory(policy.collection) + ofCommon + ofSets)
  }

  /** Reports refusals that equal others now instead of within a second, for tests. */
  reportRefusals(): void {
    this.#refusals.report()
  }

  /** Upper bound of hits skipped by the kernel, including those of removed policies. */
  possiblyMissed(): number {
    const parts = [...this.loaded, this.#sets, this.#kernel.dispatchers, this.#hooks]
    const now = parts.map((each) => each.possiblyMissed())
    return now.reduce((sum, missed) => sum + missed, this.#missedBefore)
  }

  /** @param old the policy to replace */
  async #load(
    document: PolicyDocument,
    policyId: number,
    old?: LoadedPolicy,
  ): Promise<LoadedPolicy> {
    const ruledOut = new RuledOut()
    this.#files.check()
    let policy: LoadedPolicy | undefined
    while (!policy) policy = await this.#try(document, policyId, ruledOut, old)
    const { warnings } = policy.compiled
    for (const warning of [...document.warnings, ...warnings]) {
      this.onWarning?.(formatDiagnostic(warning))
    }
    return policy
  }

  /**
   * Loads a policy with the best back ends that are not ruled out.
   * @returns undefined if the kernel refused some: they are ruled out then
   */
  async #try(
    document: PolicyDocument,
    policyId: number,
    ruledOut: RuledOut,
    old: LoadedPolicy | undefined,
  ): Promise<LoadedPolicy | undefined> {
    const nextHookId = (): number => this.#nextHookId++
    const numbers = { policyId, nextHookId, workloads: this.#workloads.numberOf }
    const { compiled, diagnostics, refused } = compilePolicy(
      document,
      this.#kernel,
      numbers,
      ruledOut,
      this.#abilities,
    )
    if (!compiled) {
      await this.#workloads.prune()
      throw new PolicyError(document.policy.name, diagnostics, 'add', refused)
    }
    const descriptions = compiled.hooks.map(({ description }) => description)
    const ids = descriptions.map(({ id }) => id)
    const workloads = compiled.workloads.all
    const table = await this.#workloads.acquire(workloads)
    try {
      const guards = this.#hasGuards ? [[guardsMap, this.#collection.map(guardsMap)] as const] : []
      if (compiled.hooks.some(({ planned }) => planned.extras.refusal)) this.#refusals.start()
      const maps = [...this.#mapsFor(document.policy), ...this.#refusals.maps]
      const shared = [...this.#shared, ...maps, ...guards, ...table]
      const policy = new LoadedPolicy(compiled, policyId, {
        ...{ target: this.#target, shared, sets: this.#sets },
        ...{ dispatchers: this.#hooks, permissionEvents: this.#permissionEvents },
        files: this.#files,
      })
      if (usesFanotify(compiled)) await this.#permissionEvents.start()
      // What only the old policy has seen is not compared with hits of the new one.
      if (old) this.#refusals.report()
      // The reader knows the hooks before their first record can be in the ring.
      await this.#reader.addHooks(descriptions, old?.hookIds ?? [])
      policy.attach()
      return policy
    } catch (error) {
      this.#reader.removeHooks(ids)
      await this.#workloads.release(workloads)
      if (error instanceof RangeError) throw tooLarge(document)
      if (!(error instanceof HooksRefused)) throw error
      for (const { cause } of error.hooks) this.onRefused?.(cause)
      const isNew = error.hooks.map((refused) => ruleOut(refused, ruledOut, this.#kernel))
      if (!isNew.includes(true)) throw error
      return undefined
    }
  }

  /** Maps of rare actions are created for the first policy that needs them. */
  #mapsFor(policy: Policy): SharedMaps {
    return mapsOfActions(policy).map((spec) => [spec, this.#collection.map(spec)] as const)
  }

  /** @param successor is attached and continues with the policy's state */
  async #unload(policy: LoadedPolicy, successor?: LoadedPolicy): Promise<void> {
    const missed = policy.possiblyMissed()
    successor?.inherit(policy)
    policy[Symbol.dispose]()
    // The reader and the shared maps may already be closed.
    if (this.#isClosed) return
    this.#missedBefore += missed
    if (!successor) this.followed.forgetPolicy(policy.policyId)
    if (usesFanotify(policy.compiled)) {
      // Its programs may still run.
      await this.#permissionEvents.settle()
      if (this.#isClosed) return
    }
    this.#refusals.tryReport()
    this.#reader.removeHooks(policy.hookIds, successor?.attachedAt)
    this.#releaseWorkloads(policy)
    const waiting = policy.compiled.hooks.filter(
      ({ planned }) => planned.returnPlacements.length > 0,
    )
    if (waiting.length > 0) {
      const calls = waiting.map(({ description }) => ({ hook: description.id }))
      forgetCalls(this.#calls, calls)
    }
  }

  /** The reader's decisions about hits of its hooks come first. */
  #releaseWorkloads({ compiled }: LoadedPolicy): void {
    this.#workloads.release(compiled.workloads.all).catch((error) => this.onRefused?.(error))
  }

  /** Adds the decisions of the reader to the counters of their policies. */
  #count(counts: readonly LateCount[]): void {
    for (const policy of this.loaded) policy.addCounts(counts)
  }

  get #calls(): Calls {
    return this.#collection.map(callsMap)
  }

  /** Ends, and leaves all programs attached that are pinned. */
  closeKeepingPinned(): void {
    this.#reader.onAbandoned = undefined
    this.#isClosed = true
    for (const policy of this.#changes.close()) this.#missedBefore += policy.possiblyMissed()
    this.#refusals[Symbol.dispose]()
    this.#permissionEvents[Symbol.dispose]()
  }

  [Symbol.dispose](): void {
    this.#reader.onAbandoned = undefined
    this.#missedBefore = this.possiblyMissed()
    this.#isClosed = true
    this.#kernel.dispatchers.close()
    this.#hooks.close()
    for (const policy of this.#changes.close()) policy[Symbol.dispose]()
    this.#refusals[Symbol.dispose]()
    this.#sets[Symbol.dispose]()
    this.#workloads[Symbol.dispose]()
    this.followed[Symbol.dispose]()
    this.#files[Symbol.dispose]()
    this.#permissionEvents[Symbol.dispose]()
    this.#collection.close()
  }
}

/** Whether a thread of the agent runs some of its programs. */
function usesFanotify({ hooks }: CompiledPolicy): boolean {
  return hooks.some(({ planned }) => planned.plan.marks)
}
