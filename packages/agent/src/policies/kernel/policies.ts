import { setImmediate as turn } from 'node:timers/promises'
import type { HookStatus } from '@tetragon-ts/api'
import { type CompiledPolicy, compileInSteps, RuledOut } from '@tetragon-ts/compiler'
import type { Collection } from '@tetragon-ts/ebpf/collection'
import type { Steps } from '@tetragon-ts/ebpf/steps'
import { bootTimeNs } from '@tetragon-ts/ebpf/sys'
import {
  type Abilities,
  formatDiagnostic,
  type PolicyDocument,
  type PolicyOptions,
} from '@tetragon-ts/policy'
import { programCopies } from '@tetragon-ts/sensors/process'
import { AgentError } from '../../error.ts'
import { growHeapSlowly } from '../../grow-heap-slowly.ts'
import type { LateCount } from '../../reader/handlers/late-counts.ts'
import type { ReaderThread } from '../../reader/reader-thread.ts'
import { inTurns, type Loading } from '../registry/in-turns.ts'
import { KernelChanges, stopping } from '../registry/kernel-changes.ts'
import { findOrderConflict, hooksExecs } from './exec-order.ts'
import { filtersProcesses } from './filter-switch.ts'
import type { FollowedFilesUpkeep } from './followed-files-upkeep.ts'
import { hookStatuses } from './hook-statuses.ts'
import { HooksRefused, LoadedPolicy } from './loaded-policy.ts'
import type { PoliciesOptions } from './policies-options.ts'
import { isTooLarge, PolicyError, tooLarge } from './policy-error.ts'
import type { ProcessSetTable } from './process-set-table.ts'
import { Renewals } from './renewals.ts'
import { ruleOut } from './rule-out.ts'
import { SharedParts } from './shared-parts.ts'
import { UserRequests } from './user-requests.ts'
import type { WorkloadTable } from './workload-table.ts'

/** Number of hooks from which on the garbage of a load is collected more often. */
const manyHooks = 50

/** How long the end of a policy waits for its probes in user space, in milliseconds. */
const detachMs = 2000

/** The policies in the kernel. Changes are serialized. */
export class Policies implements Disposable {
  readonly #reader: ReaderThread
  readonly #shared: SharedParts
  readonly #holdsContainers: () => boolean
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
    load: (document, old, loading) => this.#load(document, old, loading),
    unload: (policy, successor) => this.#unload(policy, successor),
    // The successor is attached. Hits of both are still posted once.
    leftBehind: (error) => this.onRefused?.(error),
    nameOf: ({ compiled }) => compiled.document.policy.name,
  })
  readonly #renewals = new Renewals({
    renew: (policy, current) => this.#changed(this.#changes.renew(policy, current)),
    isLoaded: (policy) => this.loaded.has(policy),
    warn: (message) => this.onWarning?.(message),
  })
  #missedBefore = 0
  #nextPolicyId = 1
  #nextHookId = 1
  #isClosed = false

  constructor(options: PoliciesOptions) {
    const { reader } = options
    this.#reader = reader
    this.#holdsContainers = options.holdsContainers
    this.#abilities = options.abilities
    this.#shared = new SharedParts(options, (message) => this.onWarning?.(message))
    reader.onRequests = (requests) => this.requests.add(requests)
    reader.onCounted = (counts) => this.#count(counts)
    reader.onAbandoned = (calls) => this.#shared.forgetCalls(calls)
  }

  /**
   * Loads a policy, as a whole or not at all; it is attached when the promise is fulfilled.
   * @throws AgentError AGENT_POLICY with all errors
   */
  add(document: PolicyDocument, loading?: Loading): Promise<LoadedPolicy> {
    return this.#changed(this.#changes.add(document, loading))
  }

  /**
   * Replaces a policy. The new one is attached before the old one is unloaded, and continues with
   * its followed descriptors and sockets. A hit that both see is posted once.
   * @throws AgentError AGENT_POLICY; then the old one is unchanged
   */
  replace(old: LoadedPolicy, document: PolicyDocument, loading?: Loading): Promise<LoadedPolicy> {
    return this.#changed(this.#changes.replace(old, document, loading))
  }

  /**
   * Switches the mode of a policy in the kernel. Once the promise is fulfilled, every decision
   * follows the new mode.
   * @throws AgentError AGENT_POLICY if it is not loaded
   */
  setMode(policy: LoadedPolicy, mode: PolicyOptions['mode']): Promise<void> {
    return this.#changes.adjust('set mode of', policy, (latest) => latest.setMode(mode))
  }

  /** Unloads a policy. @throws AgentError AGENT_POLICY if it is not loaded */
  remove(policy: LoadedPolicy): Promise<void> {
    return this.#changed(this.#changes.remove(policy))
  }

  /** The policy that takes the place of a policy that was compiled again. */
  latest(policy: LoadedPolicy): LoadedPolicy {
    return this.#changes.latest(policy)
  }

  #changed<Result>(change: Promise<Result>): Promise<Result> {
    return change.finally(() => {
      const isSettled = ![...this.loaded].some((policy) => this.#precedesReport(policy))
      if (isSettled && !this.#isClosed) this.#shared.filters.settle()
      this.onChanged?.()
    })
  }

  /** Whether policies are being loaded, replaced or removed. */
  get isChanging(): boolean {
    return !this.#changes.isIdle
  }

  /** Loaded policies, in load order. */
  get loaded(): ReadonlySet<LoadedPolicy> {
    return this.#changes.loaded
  }

  /** State of each hook of a policy, with its back ends. */
  hookStatuses(policy: LoadedPolicy): readonly HookStatus[] {
    const { links, target } = this.#shared
    return hookStatuses(policy, this.#holdsContainers(), {
      unresolved: (values) => links.problemsOf(values),
      skipsHits: programCopies(target.btf) > 1,
    })
  }

  /** Followed descriptors. */
  get followed(): FollowedFilesUpkeep {
    return this.#shared.followed
  }

  /** The process sets that they use. */
  get processSets(): ProcessSetTable {
    return this.#shared.sets
  }

  /** The sets of workloads that they use. */
  get workloads(): WorkloadTable {
    return this.#shared.workloads
  }

  /** Programs shared by several policies. */
  get shared(): readonly Collection[] {
    return this.#shared.collections
  }

  /** Bytes of kernel memory of a policy, with its share of what it shares with other policies. */
  memoryOf(policy: LoadedPolicy): number {
    return this.#shared.memoryOf(policy, this.loaded)
  }

  /** Reports refusals that equal others now instead of within a second, for tests. */
  reportRefusals(): void {
    this.#shared.refusals.report()
  }

  /** Looks for new files and containers now instead of within a second, for tests. */
  async checkFiles(): Promise<void> {
    this.#shared.files.check()
    await this.#shared.links.check()
    await this.#shared.probes.check()
  }

  /** Upper bound of hits skipped by the kernel, including those of removed policies. */
  possiblyMissed(): number {
    const parts = [...this.loaded, this.#shared]
    return parts.reduce((sum, part) => sum + part.possiblyMissed(), this.#missedBefore)
  }

  /** @param old the policy to replace */
  async #load(
    written: PolicyDocument,
    old?: LoadedPolicy,
    loading?: Loading,
  ): Promise<LoadedPolicy> {
    const document = await this.#shared.links.resolve(written)
    const policyId = old?.policyId ?? this.#nextPolicyId++
    const ruledOut = new RuledOut()
    const isLarge = document.policy.hooks.length >= manyHooks
    // The collection of garbage has a turn of its own.
    if (isLarge) await turn()
    using _ = isLarge ? growHeapSlowly() : undefined
    if (isLarge) await turn()
    this.#shared.files.check()
    let policy: LoadedPolicy | undefined
    try {
      while (!policy) policy = await this.#try(document, policyId, ruledOut, old, loading)
    } catch (error) {
      this.#shared.links.forget(document)
      throw error
    }
    const loaded = policy
    this.#shared.links.watch(loaded, document, () => this.#renewals.plan(loaded))
    const { warnings } = policy.compiled
    for (const warning of [...document.warnings, ...warnings]) {
      this.onWarning?.(formatDiagnostic(warning))
    }
    if (filtersProcesses(document)) this.#runAfterReport()
    return policy
  }

  /** Hooks that a process filter has put before the report of execs are attached again. */
  #runAfterReport(): void {
    for (const other of this.loaded) if (this.#precedesReport(other)) this.#renewals.now(other)
  }

  #precedesReport(policy: LoadedPolicy): boolean {
    return hooksExecs(policy.compiled) && this.#shared.filters.precedesReport(policy)
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
    loading: Loading | undefined,
  ): Promise<LoadedPolicy | undefined> {
    // Each is compiled, loaded and attached.
    loading?.begin(3 * document.policy.hooks.length)
    const parts = this.#shared
    const nextHookId = (): number => this.#nextHookId++
    const numbers = { policyId, nextHookId, workloads: parts.workloads.numberOf }
    const { compiled, diagnostics, refused } = await this.#inTurns(
      document,
      compileInSteps(document, parts.kernel, numbers, ruledOut, this.#abilities),
      loading,
    )
    if (!compiled) {
      await parts.workloads.prune()
      throw new PolicyError(document.policy.name, diagnostics, 'add', refused)
    }
    const others = [...this.loaded].filter((each) => each !== old)
    const conflict = findOrderConflict(
      compiled,
      others.map((each) => each.compiled),
    )
    if (conflict !== undefined) {
      await parts.workloads.prune()
      throw new PolicyError(document.policy.name, [conflict])
    }
    const descriptions = compiled.hooks.map(({ description }) => description)
    const ids = descriptions.map(({ id }) => id)
    const workloads = compiled.workloads.all
    const table = await parts.workloads.acquire(workloads)
    try {
      await parts.loader.acquire(compiled.document)
      await parts.filters.acquire(compiled.document)
      if (compiled.hooks.some(({ planned }) => planned.extras.refusal)) parts.refusals.start()
      const maps = [...parts.mapsFor(document.policy), ...table]
      const policy = new LoadedPolicy(compiled, policyId, maps, parts)
      policy.onNewFile = () => this.#renewals.plan(policy)
      policy.onFilters = () => parts.filters.attached(compiled.document)
      await this.#inTurns(document, policy.load(), loading)
      if (usesFanotify(compiled)) await parts.permissionEvents.start()
      // Hits that only the old policy has seen are not compared with hits of the new one.
      if (old) parts.refusals.report()
      // The reader knows the hooks before their first record can be in the ring.
      await this.#reader.addHooks(descriptions, old?.hookIds ?? [])
      await this.#inTurns(document, policy.attach(), loading)
      return policy
    } catch (error) {
      // The reader and the shared maps may already be closed.
      if (this.#isClosed) throw error
      await parts.loader.release(compiled.document)
      parts.filters.release(compiled.document)
      this.#reader.removeHooks(ids)
      await parts.workloads.release(workloads)
      if (isTooLarge(error)) throw tooLarge(document)
      if (!(error instanceof HooksRefused)) throw error
      for (const { cause } of error.hooks) this.onRefused?.(cause)
      const isNew = error.hooks.map((refused) => ruleOut(refused, ruledOut, parts.kernel))
      if (!isNew.includes(true)) throw error
      return undefined
    }
  }

  /** Other calls are answered between the steps, and may stop them. */
  #inTurns<Result>(
    { policy: { name } }: PolicyDocument,
    steps: Steps<Result>,
    loading: Loading | undefined,
  ): Promise<Result> {
    return inTurns(steps, {
      onPart: () => loading?.advance(),
      stopped: () => {
        if (this.#isClosed) return stopping('load', name)
        if (!loading?.isCancelled) return undefined
        return new AgentError('AGENT_POLICY', `load policy ${name}: it was deleted in the meantime`)
      },
    })
  }

  /** @param successor is attached and continues with the policy's state */
  async #unload(policy: LoadedPolicy, successor?: LoadedPolicy): Promise<void> {
    const missed = policy.possiblyMissed()
    this.#shared.links.forget(policy)
    successor?.inherit(policy)
    await inTurns(policy.detach())
    policy[Symbol.dispose]()
    // The reader and the shared maps may already be closed.
    if (this.#isClosed) return
    this.#missedBefore += missed
    if (!(await policy.isDetached(detachMs))) {
      const { name } = policy.compiled.document.policy
      this.onWarning?.(`policy ${name}: a process holds up the end of its probes in user space`)
    }
    if (this.#isClosed) return
    const removedAt = bootTimeNs()
    if (!successor) this.#forget(policy.policyId)
    if (usesFanotify(policy.compiled)) {
      // Its programs may still run.
      await this.#shared.permissionEvents.settle()
      if (this.#isClosed) return
    }
    this.#shared.refusals.tryReport()
    this.#reader.removeHooks(policy.hookIds, removedAt, successor?.attachedAt)
    await this.#shared.loader.release(policy.compiled.document)
    this.#shared.filters.release(policy.compiled.document)
    this.#releaseWorkloads(policy)
    const waiting = policy.compiled.hooks.filter(
      ({ planned }) => planned.returnPlacements.length > 0,
    )
    if (waiting.length > 0) {
      const calls = waiting.map(({ description }) => ({ hook: description.id }))
      this.#shared.forgetCalls(calls)
    }
  }

  #forget(policyId: number): void {
    this.#renewals.forget(policyId)
    this.followed.forgetPolicy(policyId)
  }

  /** The reader's decisions about hits of its hooks come first. */
  #releaseWorkloads({ compiled }: LoadedPolicy): void {
    const released = this.workloads.release(compiled.workloads.all)
    released.catch((error) => this.onRefused?.(error))
  }

  /** Adds the decisions of the reader to the counters of their policies. */
  #count(counts: readonly LateCount[]): void {
    for (const policy of this.loaded) policy.addCounts(counts)
  }

  /** Ends, and leaves all programs attached that are pinned. */
  closeKeepingPinned(): void {
    this.#reader.onAbandoned = undefined
    this.#isClosed = true
    this.#renewals.close()
    for (const policy of this.#changes.close()) this.#missedBefore += policy.possiblyMissed()
    this.#shared.closeKeepingPinned()
  }

  [Symbol.dispose](): void {
    this.#reader.onAbandoned = undefined
    this.#missedBefore = this.possiblyMissed()
    this.#isClosed = true
    this.#renewals.close()
    this.#shared.closeDispatchers()
    for (const policy of this.#changes.close()) policy[Symbol.dispose]()
    this.#shared[Symbol.dispose]()
  }
}

/** Whether a thread of the agent runs some of its programs. */
function usesFanotify({ hooks }: CompiledPolicy): boolean {
  return hooks.some(({ planned }) => planned.plan.marks)
}
