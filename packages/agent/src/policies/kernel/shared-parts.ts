import type { KernelView } from '@tetragon-ts/compiler'
import {
  callsMap,
  callsMapOf,
  followedFilesMap,
  forgetCalls,
  guardsMap,
  longFollowedFilesMap,
  mapsOfActions,
  membersMap,
  scratchPool,
} from '@tetragon-ts/compiler'
import type { CallOf } from '@tetragon-ts/compiler/hooks'
import { hostNamespaces, policyTarget, runningKernel } from '@tetragon-ts/compiler/running-kernel'
import { Collection, type CollectionTarget } from '@tetragon-ts/ebpf/collection'
import { createMap } from '@tetragon-ts/ebpf/open-maps'
import type { Policy } from '@tetragon-ts/policy'
import { processTable } from '@tetragon-ts/sensors'
import { HookDispatchers } from './dispatchers/hook-dispatchers.ts'
import { PermissionEvents } from './fanotify/permission-events.ts'
import { FilterSwitch } from './filter-switch.ts'
import { FollowedFilesUpkeep } from './followed-files-upkeep.ts'
import { HeldFileSets } from './held-file-sets.ts'
import { hostRoot } from './host-root.ts'
import { collectionMemory, sharedMemory } from './kernel-memory.ts'
import { LinkTargets } from './links/link-targets.ts'
import type { LoadedPolicy } from './loaded-policy.ts'
import { LoaderSwitch } from './loader-switch.ts'
import type { PoliciesOptions } from './policies-options.ts'
import { ProcessSetTable } from './process-set-table.ts'
import { RefusalGenerations } from './refusal-generations.ts'
import type { SharedMaps } from './shared-maps.ts'
import { HostFiles } from './user-probes/host-files.ts'
import { UserProbeTable } from './user-probes/user-probe-table.ts'
import { WorkloadTable } from './workload-table.ts'

/** Maps shared by policies, created for the first policy. */
const followedMaps = [followedFilesMap, longFollowedFilesMap]

/** What the policies of an agent share. */
export class SharedParts implements Disposable {
  readonly kernel: KernelView
  readonly target: CollectionTarget
  readonly sets: ProcessSetTable
  readonly workloads: WorkloadTable
  readonly dispatchers: HookDispatchers
  readonly permissionEvents: PermissionEvents
  readonly files: HeldFileSets
  readonly probes: UserProbeTable
  readonly refusals: RefusalGenerations
  readonly loader: LoaderSwitch
  readonly filters: FilterSwitch
  /** Followed descriptors. */
  readonly followed: FollowedFilesUpkeep
  /** Files of the host that hooks in user space name. */
  readonly hostFiles: HostFiles
  /** What links in policies lead to. */
  readonly links: LinkTargets
  readonly #linkFiles: HostFiles
  readonly #collection: Collection
  /** Maps that every policy gets. */
  readonly #maps: SharedMaps
  readonly #guards: SharedMaps

  /** @param warn is called for each warning */
  constructor(options: PoliciesOptions, warn: (message: string) => void) {
    const { btf, reader, shared, walk, callsMax, hierarchy, guarded, procfs, switchedOff } = options
    this.target = { ...policyTarget(btf), pins: options.pins }
    this.#collection = new Collection(this.target)
    this.#collection.share(callsMap, createMap(callsMapOf(callsMax)))
    this.loader = new LoaderSwitch(reader)
    this.filters = new FilterSwitch(options.sensor, reader)
    this.dispatchers = new HookDispatchers(this.#collection)
    const processes = shared.get(processTable)
    if (!processes) throw new Error('open policies: the process table is not shared')
    const namespaces = hostNamespaces(processes)
    const root = hostRoot(procfs, namespaces('Mnt'))
    const ringSize = reader.ring.spec.maxEntries
    const hostFiles = new HostFiles(root)
    this.hostFiles = hostFiles
    this.#linkFiles = new HostFiles(root)
    this.links = new LinkTargets(this.#linkFiles, warn)
    this.kernel = runningKernel(btf, {
      hostNamespace: namespaces,
      hostRoot: root,
      hierarchy,
      switchedOff,
      ringSize,
      hasGuards: guarded.length > 0,
      userFiles: (path) => this.probes.filesAt(path),
      openUserFile: (path) => hostFiles.open(path),
      askUserFile: (path) => hostFiles.ask(path),
    })
    this.permissionEvents = new PermissionEvents(warn)
    this.files = new HeldFileSets(this.#collection, root, warn)
    const collection = this.#collection
    this.probes = new UserProbeTable({ collection, procfs, hostRoot: root, hostFiles, warn })
    this.#guards = guarded.length > 0 ? [this.#guard(guarded)] : []
    this.#maps = shared
      .set(callsMap, this.#collection.map(callsMap))
      .set(scratchPool, this.#collection.map(scratchPool))
    const followed = () => followedMaps.flatMap((spec) => this.#collection.existing(spec) ?? [])
    this.followed = new FollowedFilesUpkeep(followed, processes, warn)
    this.refusals = new RefusalGenerations(this.target, this.#maps, ringSize, warn)
    this.sets = new ProcessSetTable(this.target, { shared: this.#maps, walk, procfs, processes })
    this.workloads = new WorkloadTable(this.target, hierarchy, reader, this.#maps, walk)
  }

  /** The map of executables that enforcing actions spare. */
  #guard(paths: readonly string[]) {
    const inodes = this.#collection.map(guardsMap)
    this.files.hold({ what: 'guard', paths, inodes, onlyRegular: true })
    return [guardsMap, inodes] as const
  }

  /** Maps for a policy. Those of rare actions are created for the first one that needs them. */
  mapsFor(policy: Policy): SharedMaps {
    const ofActions = mapsOfActions(policy).map(
      (spec) => [spec, this.#collection.map(spec)] as const,
    )
    return [...this.#maps, ...ofActions, ...this.refusals.maps, ...this.#guards]
  }

  /** Programs that several policies share. */
  get collections(): readonly Collection[] {
    const { collection } = this.workloads
    const own = [this.#collection, this.refusals.collection]
    return [...own, ...this.sets.collections, ...(collection ? [collection] : [])]
  }

  /**
   * Bytes of kernel memory of a policy: its programs and maps, and its share of those that it
   * shares with other policies. Memory that the agent uses without policies is not included.
   */
  memoryOf(policy: LoadedPolicy, loaded: Iterable<LoadedPolicy>): number {
    const { members } = this.sets
    const common = [...this.#collection.maps, ...this.refusals.maps]
    const maps = members ? [...common, [membersMap, members] as const] : common
    const users = [...loaded].map(({ collection }) => collection)
    const ofSets = policy.processSets.reduce((sum, set) => sum + this.sets.memoryShare(set), 0)
    const ofLoader = policy.compiled.document.policy.loader ? this.loader.memoryShare : 0
    const own = collectionMemory(policy.collection)
    return Math.round(own + sharedMemory(policy.collection, users, maps) + ofSets + ofLoader)
  }

  /** Upper bound of hits that the kernel skipped for programs that policies share. */
  possiblyMissed(): number {
    const parts = [this.sets, this.dispatchers]
    return parts.reduce((sum, part) => sum + part.possiblyMissed(), 0)
  }

  /** Forgets calls that wait for their return. */
  forgetCalls(calls: readonly CallOf[]): void {
    forgetCalls(this.#collection.map(callsMap), calls)
  }

  /** Detaches the programs that run those of policies: before the policies are unloaded. */
  closeDispatchers(): void {
    this.dispatchers.close()
  }

  #closeHostFiles(): void {
    this.links[Symbol.dispose]()
    this.#linkFiles[Symbol.dispose]()
    this.hostFiles[Symbol.dispose]()
  }

  /** Ends what needs a running agent; programs that are pinned stay attached. */
  closeKeepingPinned(): void {
    this.#closeHostFiles()
    this.refusals[Symbol.dispose]()
    this.permissionEvents[Symbol.dispose]()
  }

  [Symbol.dispose](): void {
    this.refusals[Symbol.dispose]()
    this.sets[Symbol.dispose]()
    this.workloads[Symbol.dispose]()
    this.followed[Symbol.dispose]()
    this.files[Symbol.dispose]()
    this.probes[Symbol.dispose]()
    this.#closeHostFiles()
    this.permissionEvents[Symbol.dispose]()
    this.#collection.close()
  }
}
