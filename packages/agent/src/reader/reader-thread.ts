import type { Worker } from 'node:worker_threads'
import type { CallOf, HookDescription, UserRequest } from '@tetragon-ts/compiler/hooks'
import { ringBuffer } from '@tetragon-ts/ebpf/maps'
import { createMap, type OpenMap } from '@tetragon-ts/ebpf/open-maps'
import { bootTimeNs, Doorbell } from '@tetragon-ts/ebpf/sys'
import { events } from '@tetragon-ts/sensors'
import type { HeldDescriptors, LookupDescriptors } from '@tetragon-ts/sensors/process'
import { AgentError } from '../error.ts'
import { prepareRules } from '../rules/prepare-rules.ts'
import { preparedLibrary } from '../rules/prepared-library.ts'
import type { ActionStates } from '../rules/rule-actions.ts'
import type { RuleText } from '../rules/rule-texts.ts'
import { noRules, type RulesInForce, type RulesRefused } from '../rules/rules-in-force.ts'
import type { PodChanges, PodFacts } from '../workloads/pod-facts.ts'
import type { DeclaredPod } from '../workloads/pod-text.ts'
import type { ContainerQuestions } from '../workloads/pods.ts'
import type { ListedWorkload } from '../workloads/policy-sets/listed-workload.ts'
import type { NumberedSelection } from '../workloads/policy-sets/policy-sets.ts'
import type { ContainerLabels } from '../workloads/sources/runtime-container.ts'
import { Counters } from './counters.ts'
import { noFindings } from './findings/finding-totals.ts'
import type { LateCount } from './handlers/late-counts.ts'
import { Milestones } from './milestones.ts'
import { ExportFile } from './outputs/export-file.ts'
import type { Rotation } from './outputs/sink.ts'
import {
  type CachedProcess,
  type Command,
  type LoaderChange,
  type PipelineTotals,
  type ReaderOptions,
  type Report,
  readerOptions,
  type WorkerOptions,
} from './protocol.ts'
import { Questions } from './questions.ts'
import { beginReading, type ReaderWorker, startReaderWorker } from './reader-worker.ts'

/** Receives the thread's own messages. */
export interface ReaderObserver {
  /** A message for the operator. */
  warn(message: string): void
}

/** Time limit for the end of the thread, in milliseconds: longer than that of its sink. */
const stopMs = 15_000

/** Reports that occur once. */
type Milestone = Extract<Report['kind'], 'ready' | 'discovered' | 'sinkClosed' | 'stopped'>

/** No events counted. */
export const noTotals: PipelineTotals = { events: undefined, latencies: [], findings: noFindings }

/** The ring and the thread that reads it, from the main thread. */
export class ReaderThread {
  readonly ring: OpenMap<undefined, undefined>
  readonly counters = new Counters()
  /** The file of events, if it is rotated. */
  readonly exportFile: ExportFile | undefined
  /** Fulfilled when the thread has ended: by `stop`, or because the receiver of events is gone. */
  readonly ended: Promise<'stopped' | 'sink-closed'>
  /** Called with calls of hooked functions that will not return. */
  onAbandoned: ((calls: readonly CallOf[]) => void) | undefined
  /** Called with requests of policy actions to user space. */
  onRequests: ((requests: readonly UserRequest[]) => void) | undefined
  /** Called with decisions that policy programs could not count. */
  onCounted: ((counts: readonly LateCount[]) => void) | undefined
  /** Called when events are in the ring of `stream` and its reader sleeps. */
  onEvents: (() => void) | undefined
  /** Called with new containers, to be looked up in the sockets of their runtimes. */
  onContainers: ((questions: ContainerQuestions) => void) | undefined
  readonly #questions = new Questions((command) => this.#command(command))
  readonly #worker: Worker
  readonly #doorbell = new Doorbell()
  readonly #milestones = new Milestones<Milestone>()
  #failure: AgentError | undefined
  #isOver = false
  #end: () => void = () => {}
  /** Whether the thread is done but cannot end: it ends with the process. */
  isStuck = false

  /**
   * Starts reading, and starts the thread if necessary.
   * @throws SystemCallError
   */
  constructor(
    options: ReaderOptions,
    observer: ReaderObserver,
    thread: ReaderWorker = startReaderWorker(),
  ) {
    const { ringSize, sink } = options
    this.ring = createMap(ringBuffer(events.name, { size: ringSize }))
    const workerOptions: WorkerOptions = {
      ...readerOptions(options),
      ringFd: this.ring.fd.number,
      doorbellFd: this.#doorbell.fd.number,
      counters: this.counters.buffer,
    }
    this.#worker = thread.worker
    const { outputLink } = options
    beginReading(thread, workerOptions, outputLink ? [outputLink.port] : [])
    this.exportFile =
      sink.kind === 'file' && sink.rotation !== undefined
        ? new ExportFile(sink.path, sink.rotation, this, observer)
        : undefined
    this.#worker.on('message', (report: Report) => this.#hear(report, observer))
    this.ended = this.#watch()
    // Callers that await it get the error; without them it must not end the process.
    this.ended.catch(() => {})
  }

  #hear(report: Report, observer: ReaderObserver): void {
    switch (report.kind) {
      case 'stuck':
        return this.#giveUp()
      case 'events':
        return this.onEvents?.()
      case 'rotated':
        return this.exportFile?.rotated()
      case 'warning':
        return observer.warn(report.message)
      case 'abandoned':
        return this.onAbandoned?.(report.calls)
      case 'requests':
        return this.onRequests?.(report.requests)
      case 'counted':
        return this.onCounted?.(report.counts)
      case 'newContainers':
        return this.onContainers?.(report.questions)
      case 'workloadsChanged':
      case 'hookedAdded':
      case 'loaderChanged':
      case 'backlogOpened':
      case 'workloads':
      case 'hooksAdded':
      case 'flushed':
      case 'processes':
      case 'profile':
      case 'rulesSet':
      case 'totals':
        return this.#questions.answer(report)
      case 'ready':
      case 'discovered':
      case 'sinkClosed':
      case 'stopped':
        return this.#milestones.reach(report.kind)
      default:
        report satisfies never
    }
  }

  #command(command: Command): void {
    this.#worker.postMessage(command)
    this.#doorbell.ring()
  }

  /**
   * All processes that started before the agent are in the ring. Fulfilled when they are read.
   * @throws AgentError AGENT_PIPELINE when the thread failed
   */
  async discovered(lookup: LookupDescriptors | undefined): Promise<void> {
    this.#command({ kind: 'discovered', lookup })
    await this.#milestones.until('discovered', 'sinkClosed')
  }

  /** Fulfilled when the thread reads the ring. @throws AgentError AGENT_PIPELINE when it failed */
  async ready(): Promise<void> {
    await this.#milestones.until('ready', 'sinkClosed')
  }

  /** Frees memory that the thread does not use any more. */
  freeMemory(): void {
    if (!this.#isOver) this.#command({ kind: 'freeMemory' })
  }

  /** The thread has real-time priority while it uses maps from now on. */
  avoidPreemption(): void {
    this.#command({ kind: 'avoidPreemption' })
  }

  /** Records were lost: finds processes that ended. @param tableFd of the process table */
  reconcile(tableFd: number): void {
    this.#command({ kind: 'reconcile', tableFd })
  }

  /**
   * Fulfilled when the thread has added these hooks, or when events have no receiver any more.
   * @param replacedIds ids of the hooks that they replace
   * @throws AgentError AGENT_PIPELINE when the thread failed
   */
  async addHooks(hooks: readonly HookDescription[], replacedIds: readonly number[]): Promise<void> {
    await this.#questions.ask('hooksAdded', { kind: 'addHooks', hooks, replacedIds })
    if (this.#failure) throw this.#failure
  }

  /**
   * @param removedAt boot time after which the hooks have no hits
   * @param successorSince boot time since when the hooks of the successor see the same hits
   */
  removeHooks(
    ids: readonly number[],
    removedAt = bootTimeNs(),
    successorSince?: bigint | undefined,
  ): void {
    this.#command({ kind: 'removeHooks', ids, removedAt, successorSince })
  }

  /**
   * Policies select workloads from now on.
   * @param tableFd of the table of workloads
   */
  async openWorkloads(tableFd: number): Promise<void> {
    await this.#questions.ask('workloadsChanged', { kind: 'openWorkloads', tableFd })
  }

  /** Fulfilled when the export file has the events so far, or the thread has ended. */
  async flushed(): Promise<void> {
    await this.#questions.ask('flushed', { kind: 'flush' })
  }

  /** Fulfilled when the kernel's table has the members of these sets. */
  async addWorkloads(sets: readonly NumberedSelection[]): Promise<void> {
    await this.#questions.ask('workloadsChanged', { kind: 'addWorkloads', sets })
    if (this.#failure) throw this.#failure
  }

  removeWorkloads(numbers: readonly number[]): void {
    if (!this.#isOver) this.#command({ kind: 'removeWorkloads', numbers })
  }

  /** No policy selects workloads any more. Fulfilled when the table is not used any more. */
  async closeWorkloads(): Promise<void> {
    await this.#questions.ask('workloadsChanged', { kind: 'closeWorkloads' })
  }

  /** Starts or stops events of executable mappings; fulfilled when it is done. */
  async switchLoader(isOn: boolean): Promise<LoaderChange> {
    const answer = await this.#questions.ask('loaderChanged', {
      kind: isOn ? 'startLoader' : 'stopLoader',
    })
    if (this.#failure) throw this.#failure
    return answer ?? { memory: 0 }
  }

  /** Policies filter process events. Fulfilled when the reader knows the maps of held records. */
  async openBacklog(maps: HeldDescriptors & { readonly tableFd: number }): Promise<void> {
    await this.#questions.ask('backlogOpened', { kind: 'openBacklog', ...maps })
    if (this.#failure) throw this.#failure
  }

  /** Updates the pods of this node. */
  updatePods(changes: PodChanges): void {
    if (!this.#isOver) this.#command({ kind: 'pods', changes })
  }

  /** Adds a pod that the socket of the container runtime reported. */
  addPod(pod: PodFacts): void {
    if (!this.#isOver) this.#command({ kind: 'runtimePod', pod })
  }

  /** Adds labels of a container outside of pods. */
  addLabels(labels: ContainerLabels): void {
    if (!this.#isOver) this.#command({ kind: 'containerLabels', labels })
  }

  /**
   * Adds a container that a hook of the runtime reported. Fulfilled when its later events have the
   * pod, and the kernel has decided which policies apply to it, as far as its labels are known.
   */
  async addHooked(declared: DeclaredPod): Promise<void> {
    await this.#questions.ask('hookedAdded', { kind: 'addHooked', declared })
  }

  /** Changes the labels of the node in events. */
  updateNode(labels: Readonly<Record<string, string>>): void {
    if (!this.#isOver) this.#command({ kind: 'node', labels })
  }

  /** Records were lost: detection rules that count events are uncertain. */
  noteLoss(): void {
    if (!this.#isOver) this.#command({ kind: 'noteLoss' })
  }

  /**
   * Replaces the detection rules; fulfilled when they are in force. Another thread reads them,
   * unless they are those that the agent was built with.
   * @param required path of a text that must not have errors: otherwise nothing changes
   * @throws AgentError AGENT_RULES if that takes too much memory or time, or fails
   */
  async setRules(
    texts: readonly RuleText[],
    required?: string,
  ): Promise<RulesInForce | RulesRefused> {
    const prepared =
      texts.length === 0
        ? undefined
        : (preparedLibrary(texts) ?? (await prepareRules({ texts, required })))
    if (prepared && prepared.refused.length > 0) return { refused: prepared.refused }
    const answer = await this.#questions.ask('rulesSet', { kind: 'setRules', prepared })
    if (this.#failure) throw this.#failure
    const failure = answer?.failure
    if (failure !== undefined) throw new AgentError('AGENT_RULES', `compile rules: ${failure}`)
    return { ...(prepared?.inForce ?? noRules), early: answer?.early ?? 0 }
  }

  /** Which actions of rules are in force from now on: findings say so. */
  setRuleActions(states: ActionStates): void {
    if (!this.#isOver) this.#command({ kind: 'setRuleActions', states })
  }

  setRotation(rotation: Rotation): void {
    this.#command({ kind: 'setRotation', rotation })
  }

  /** Starts or stops writing events to a ring as well; never waits for the ring's reader. */
  stream(ring: SharedArrayBuffer | undefined): void {
    if (!this.#isOver) this.#command({ kind: 'stream', ring })
  }

  /** All cached processes; none when the thread has ended. */
  async cachedProcesses(): Promise<readonly CachedProcess[]> {
    const answer = await this.#questions.ask('processes', { kind: 'listProcesses' })
    return answer?.processes ?? []
  }

  /**
   * Containers and the sets of workloads that they belong to; none while no policy selects any.
   * @param labels the labels of pods to include
   */
  async workloads(labels: readonly string[]): Promise<readonly ListedWorkload[]> {
    const answer = await this.#questions.ask('workloads', { kind: 'listWorkloads', labels })
    return answer?.workloads ?? []
  }

  /** Starts a CPU profile of the thread. */
  beginProfile(): void {
    if (!this.#isOver) this.#command({ kind: 'startProfile' })
  }

  /** The profile; empty when the thread has ended. */
  async endProfile(): Promise<string> {
    const answer = await this.#questions.ask('profile', { kind: 'endProfile' })
    return answer?.profile ?? ''
  }

  /** The thread's counters; empty when it has ended. */
  async totals(): Promise<PipelineTotals> {
    const answer = await this.#questions.ask('totals', { kind: 'readTotals' })
    return answer?.totals ?? noTotals
  }

  /**
   * Writes the content of the ring and ends the thread, within a time limit: a thread that does not
   * respond is abandoned.
   * @throws AgentError AGENT_PIPELINE if it failed
   */
  async stop(): Promise<void> {
    const deadline = setTimeout(() => this.#giveUp(), stopMs)
    try {
      this.#command({ kind: 'stop' })
      await this.ended
    } finally {
      clearTimeout(deadline)
      this.#doorbell.close()
      this.ring.close()
    }
  }

  #giveUp(): void {
    this.isStuck = true
    this.#worker.unref()
    this.#end()
  }

  #watch(): Promise<'stopped' | 'sink-closed'> {
    return new Promise((resolve, reject) => {
      this.#worker.once('error', (error) => {
        this.#failure = failureOf(error)
        reject(this.#failure)
        this.#milestones.end(this.#failure)
      })
      this.#end = () => {
        this.#isOver = true
        this.#milestones.end()
        this.#questions.end()
        resolve(this.#milestones.has('sinkClosed') ? 'sink-closed' : 'stopped')
      }
      this.#worker.once('exit', this.#end)
    })
  }
}

/** Errors lose their class between threads, but keep their code. */
function failureOf(error: Error & { readonly code?: string }): AgentError {
  if (error.code === 'AGENT_FILE') return new AgentError(error.code, error.message)
  const message = `read events: the pipeline failed: ${error.message}`
  return new AgentError('AGENT_PIPELINE', message, { cause: error })
}
