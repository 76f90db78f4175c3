import { setTimeout as sleep } from 'node:timers/promises'
import type { MissedNotifications } from '@tetragon-ts/api'
import type { CompiledHook, CompiledPolicy, ProcessSet } from '@tetragon-ts/compiler'
import {
  addCounts,
  membersMap,
  missedReasons,
  modeValue,
  noCounts,
  type SelectorCounts,
} from '@tetragon-ts/compiler'
import { Collection, type CollectionTarget } from '@tetragon-ts/ebpf/collection'
import { EbpfError } from '@tetragon-ts/ebpf/errors'
import type { MarkedFiles, Program } from '@tetragon-ts/ebpf/lang'
import type { Link, OnFailure } from '@tetragon-ts/ebpf/links'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import { type OpenMap, waitForPrograms } from '@tetragon-ts/ebpf/open-maps'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { type Steps, waitFor } from '@tetragon-ts/ebpf/steps'
import { bootTimeNs } from '@tetragon-ts/ebpf/sys'
import type { Hook, PolicyOptions } from '@tetragon-ts/policy'
import type { LateCount } from '../../reader/handlers/late-counts.ts'
import type { HookDispatchers } from './dispatchers/hook-dispatchers.ts'
import type { PermissionEvents } from './fanotify/permission-events.ts'
import type { HeldFileSets } from './held-file-sets.ts'
import type { HeldFiles } from './held-files.ts'
import { programMemory } from './kernel-memory.ts'
import { missingFiles, namesFiles } from './named-files.ts'
import { PolicyError } from './policy-error.ts'
import type { ProcessSetTable } from './process-set-table.ts'
import type { SharedMaps } from './shared-maps.ts'
import type { SharedParts } from './shared-parts.ts'
import type { HostFiles } from './user-probes/host-files.ts'
import type { ProbedHook } from './user-probes/probed-hook.ts'
import { RedirectRows } from './user-probes/redirect-rows.ts'
import type { UserProbeTable } from './user-probes/user-probe-table.ts'

/** A hook that the kernel refused, although its back end seemed available. */
export interface RefusedHook {
  readonly hook: CompiledHook
  readonly cause: Error
}

/**
 * Hooks of a policy that could not be loaded or attached; nothing of the policy is in the kernel.
 */
export class HooksRefused extends Error {
  override readonly name = 'HooksRefused'
  readonly hooks: readonly RefusedHook[]

  constructor(hooks: readonly RefusedHook[]) {
    super(hooks.map(({ cause }) => cause.message).join('\n'))
    this.hooks = hooks
  }
}

interface Loaded {
  readonly program: Program
  readonly loaded: LoadedProgram
  readonly hook: CompiledHook
}

/**
 * A policy in the kernel. Everything is loaded before anything is attached, so a policy that cannot
 * be loaded has no effect. Methods that take long are steps with a part for each hook.
 */
export class LoadedPolicy implements Disposable {
  readonly compiled: CompiledPolicy
  /** Key of the policy's state in shared maps. */
  readonly policyId: number
  readonly #collection: Collection
  readonly #sets: ProcessSetTable
  readonly #dispatchers: HookDispatchers
  readonly #permissionEvents: PermissionEvents
  readonly #files: HeldFileSets
  readonly #held: HeldFiles[] = []
  readonly #probes: UserProbeTable
  readonly #hostFiles: HostFiles
  readonly #probed = new Map<CompiledHook, ProbedHook>()
  #detached: Promise<unknown> = Promise.resolve()
  readonly #programs: Loaded[] = []
  readonly #acquired: ProcessSet[] = []
  /** Counts besides those of its programs, by path of the hook and index of the selector. */
  readonly #otherCounts = new Map<string, SelectorCounts[]>()
  /** As set by user space: the policy's limit may have changed it in the kernel. */
  #mode: PolicyOptions['mode']
  /** Called with a file of user space that it has no program for. */
  onNewFile: (() => void) | undefined
  /** Called when its process filters are attached, before its other hooks. */
  onFilters: (() => void) | undefined
  /** Boot time since when all of its hooks are attached. */
  attachedAt = 0n

  /**
   * {@link load} loads it, {@link attach} attaches it.
   * @param shared maps of others that its programs use
   * @throws PolicyError if it requires a running agent, although policies outlast the agent
   */
  constructor(
    compiled: CompiledPolicy,
    policyId: number,
    shared: SharedMaps,
    { target, sets, dispatchers, permissionEvents, files, probes, hostFiles }: SharedParts,
  ) {
    this.compiled = compiled
    this.policyId = policyId
    this.#mode = compiled.document.policy.options.mode
    this.#sets = sets
    this.#dispatchers = dispatchers
    this.#permissionEvents = permissionEvents
    this.#files = files
    this.#probes = probes
    this.#hostFiles = hostFiles
    this.#collection = new Collection(this.#pinnable(target))
    for (const [spec, map] of shared) this.#collection.borrow(spec, map)
  }

  /** @throws HooksRefused, LanguageError, SystemCallError; then nothing stays loaded */
  *load(): Steps<void> {
    try {
      yield* this.#load()
    } catch (error) {
      this.#close()
      throw error
    }
  }

  /**
   * The target without pins for a policy with conditions on files: no process holds the files after
   * the end of the agent, and the kernel can give the addresses of their inodes to others.
   */
  #pinnable(target: CollectionTarget): CollectionTarget {
    const { document, hooks } = this.compiled
    if (!target.pins || !hooks.some(({ planned }) => namesFiles(planned.hook))) return target
    const reason = 'a running agent has to hold the files of inode: values'
    target.pins.onUnpinned?.(`policy ${document.policy.name}`, reason)
    return { ...target, pins: undefined }
  }

  *#load(): Steps<void> {
    const { document, hooks, processSets, fileSets } = this.compiled
    const collection = this.#collection
    const programs = this.#programs
    function* load(hook: CompiledHook): Steps<void> {
      for (const program of hook.programs) {
        const loaded = yield* collection.loadInSteps(program)
        programMemory(loaded)
        programs.push({ program, hook, loaded })
      }
    }
    // Process sets are complete before any hook uses them.
    for (const set of processSets.all) {
      this.#collection.borrow(membersMap, this.#sets.acquire(set))
      this.#acquired.push(set)
    }
    yield* tryAll(hooks, load)
    for (const { files: paths, inodes } of fileSets.all) {
      const what = `file of policy ${document.policy.name}`
      const map = this.#collection.map(inodes)
      const held = this.#files.hold({ what, paths, inodes: map })
      this.#held.push(held)
      if (held.missing.length > 0)
        throw new PolicyError(document.policy.name, missingFiles(document, held.missing))
    }
  }

  /** Attaches it. @throws HooksRefused, SystemCallError; then nothing stays attached */
  *attach(): Steps<void> {
    const { hooks } = this.compiled
    const link = ({ program, loaded, hook }: Loaded): void => {
      // After the programs of sets that are decided at the exec; filters run before the program
      // that posts it: `ProcessSensor.runAfterFilters`.
      const isAtExec = program.hook.target === 'sched_process_exec'
      const alone = isAtExec || hook.planned.plan.leaveRunsLast
      const { marks } = hook.planned.plan
      const attached = marks
        ? this.#attachToFiles(marks, loaded)
        : this.#dispatchers.attach(program, loaded, alone)
      this.#collection.own(attached)
    }
    try {
      const byHook = groupByHook(this.#programs)
      const attach = (hook: CompiledHook): Steps<void> | undefined => {
        const ofHook = byHook.get(hook) ?? []
        if (hook.planned.plan.probes) return this.#probe(hook, ofHook)
        for (const each of ofHook) link(each)
        return undefined
      }
      const filters = hooks.filter(isFilter)
      yield* tryAll(filters, attach)
      if (filters.length > 0) this.onFilters?.()
      const others = hooks.filter((hook) => !isFilter(hook))
      yield* tryAll(others, attach)
      this.#probes.cover([...this.#probed.values()])
      this.attachedAt = bootTimeNs()
    } catch (error) {
      this.#close()
      throw error
    }
  }

  /** Attaches programs to files of user space. */
  *#probe(hook: CompiledHook, programs: readonly Loaded[]): Steps<void> {
    const { planned } = hook
    const { probes, redirects } = planned.plan
    if (!probes) return
    yield* waitFor(this.#hostFiles.ask(probes.path))
    this.#collection.target.pins?.onUnpinned?.('uprobes', 'they need a running agent')
    const name = `policy ${this.compiled.document.policy.name}`
    const rows = redirects && new RedirectRows(redirects, this.#collection.map(redirects.addresses))
    const onNew = (): void => this.onNewFile?.()
    this.#probed.set(hook, this.#probes.add(name, probes, programs, rows, onNew))
  }

  /** When it is unloaded: whether hooks in user space are detached, after `ms` at the latest. */
  async isDetached(ms: number): Promise<boolean> {
    const late = sleep(ms, false, { ref: false })
    return Promise.race([this.#detached.then(() => true), late])
  }

  /** Keys of the files that a hook in user space is attached to; undefined for other hooks. */
  inodesOf(hook: CompiledHook): readonly string[] | undefined {
    return this.#probed.get(hook)?.inodes
  }

  #attachToFiles(marks: MarkedFiles, loaded: LoadedProgram): Link {
    this.#collection.target.pins?.onUnpinned?.('fanotify hooks', 'they need a running agent')
    return this.#permissionEvents.attach(marks, loaded, this.#onFailure)
  }

  get #onFailure(): OnFailure {
    const { unreadableArguments } = this.compiled.document.policy.options
    return unreadableArguments === 'allow' ? 'allow' : 'deny'
  }

  #close(): void {
    const probed = [...this.#probed.values()]
    this.#probed.clear()
    this.#detached = Promise.all(probed.map((each) => this.#probes.remove(each)))
    this.#collection.close()
    for (const set of this.#acquired.splice(0)) this.#sets.release(set)
    for (const held of this.#held.splice(0)) this.#files.release(held)
  }

  /** Whether its programs have this mode, so that it can be switched without loading others. */
  canSwitch(mode: PolicyOptions['mode']): boolean {
    const { mode: map, canEnforce } = this.compiled
    return map !== undefined && (canEnforce || mode === 'monitor')
  }

  /** Switches the mode. Once it is done, every decision follows the new one. */
  async setMode(mode: PolicyOptions['mode']): Promise<void> {
    const { mode: spec, limit } = this.compiled
    if (!spec) throw new RangeError('a policy without enforcing actions has no mode')
    limit?.reset((map) => this.#collection.map(map))
    this.#mode = mode
    this.#collection.map(spec).update(0, modeValue(mode))
    waitForPrograms()
    // Answers of programs that ran before.
    await this.#permissionEvents.settle()
  }

  /** The mode that was set last. */
  get mode(): PolicyOptions['mode'] {
    return this.#mode
  }

  /** Whether it monitors because it has reached its limit. */
  get isAtLimit(): boolean {
    const { mode: spec, limit } = this.compiled
    if (!limit || !spec || this.#mode === 'monitor') return false
    return this.#collection.existing(spec)?.lookup(0) === modeValue('monitor')
  }

  /** Process sets that it uses. */
  get processSets(): readonly ProcessSet[] {
    return this.#acquired
  }

  /** Numbers of its hooks, which are in records. */
  get hookIds(): readonly number[] {
    return this.compiled.hooks.map(({ description }) => description.id)
  }

  /** Whether a map is this policy's own, not shared with others. */
  owns(spec: MapSpec): boolean {
    return !this.#collection.borrows(spec)
  }

  /** Hits that the kernel skipped because a program was already running on the CPU (Linux 5.12). */
  possiblyMissed(): number {
    const open = this.#collection.programs.filter(({ fd }) => !fd.closed)
    return open.reduce((sum, program) => sum + Number(program.info().recursionMisses), 0)
  }

  /** How often each selector of a hook posted or suppressed an event. */
  counts(hook: Hook): readonly SelectorCounts[] {
    return this.allCounts()(hook)
  }

  /** Reads the counters of all hooks at once. @returns those of a hook */
  allCounts(): (hook: Hook) => readonly SelectorCounts[] {
    const { counts } = this.compiled
    const map = this.#collection.maps.get(counts.map as MapSpec)
    const read = counts.read(map as OpenMap<number, readonly number[]> | undefined)
    return (hook) => {
      const others = this.#otherCounts.get(hook.path)
      return read(hook).map((each, i) => addCounts(each, others?.[i] ?? noCounts))
    }
  }

  /** Notifications of enforcers without effect, by hook and reason. */
  missedNotifications(): readonly MissedNotifications[] {
    const { missed, document } = this.compiled
    const counts = missed && this.#collection.existing(missed)?.lookup(0)
    return document.policy.hooks.flatMap((hook, i) =>
      missedReasons.flatMap((reason, j) => {
        const count = Number(counts?.[i * missedReasons.length + j] ?? 0)
        return count === 0 ? [] : [{ hook: hook.call, reason, count }]
      }),
    )
  }

  /** Adds decisions of the reader; those of other policies are ignored. */
  addCounts(counts: readonly LateCount[]): void {
    for (const { hook: id, selector, ...late } of counts) {
      const hook = this.compiled.hooks.find(({ description }) => description.id === id)
      if (hook !== undefined) this.#addCount(hook.planned.hook, selector, late)
    }
  }

  #addCount({ path }: Hook, selector: number, counts: Partial<SelectorCounts>): void {
    const sums = this.#otherCounts.get(path) ?? []
    sums[selector] = addCounts(sums[selector] ?? noCounts, counts)
    this.#otherCounts.set(path, sums)
  }

  /** Continues the counters of a policy with the same hooks; otherwise starts at zero. */
  inherit(old: LoadedPolicy): void {
    const { hooks } = old.compiled.document.policy
    if (hooks !== this.compiled.document.policy.hooks) return
    const counted = old.allCounts()
    for (const hook of hooks) {
      for (const [selector, counts] of counted(hook).entries()) {
        this.#addCount(hook, selector, counts)
      }
    }
  }

  get collection(): Collection {
    return this.#collection
  }

  /** Detaches it, link by link. It must be disposed of nevertheless. */
  detach(): Steps<void> {
    return this.#collection.closeLinks()
  }

  [Symbol.dispose](): void {
    this.#close()
  }
}

/** Whether a hook filters process events. */
function isFilter({ planned: { hook } }: CompiledHook): boolean {
  return hook.section === 'processes'
}

function groupByHook(programs: readonly Loaded[]): ReadonlyMap<CompiledHook, readonly Loaded[]> {
  const byHook = new Map<CompiledHook, Loaded[]>()
  for (const each of programs) {
    const others = byHook.get(each.hook)
    if (others) others.push(each)
    else byHook.set(each.hook, [each])
  }
  return byHook
}

/** A part for each hook, to collect all failures. @throws HooksRefused */
function* tryAll(
  hooks: readonly CompiledHook[],
  act: (hook: CompiledHook) => Steps<void> | undefined,
): Steps<void> {
  const refused: RefusedHook[] = []
  for (const hook of hooks) {
    try {
      yield* act(hook) ?? []
    } catch (cause) {
      if (!(cause instanceof EbpfError)) throw cause
      refused.push({ hook, cause })
    }
    yield 'part'
  }
  if (refused.length > 0) throw new HooksRefused(refused)
}
