import { setImmediate as turn } from 'node:timers/promises'
import type { ProgramKind } from '@tetragon-ts/compiler'
import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { Collection } from '@tetragon-ts/ebpf/collection'
import type { Abilities } from '@tetragon-ts/policy'
import type { LossKind } from '@tetragon-ts/sensors'
import { type WaitingLimits, waitingLimits } from '@tetragon-ts/sensors'
import type { CgroupHierarchy } from '@tetragon-ts/sensors/process'
import { ProcessSensor } from '@tetragon-ts/sensors/process'
import { collectGarbage } from '../collect-garbage.ts'
import type { AgentOptions } from '../config/agent-options.ts'
import type { ServedAgent } from '../endpoints/endpoint.ts'
import type { NodeWatch } from '../kubernetes/node-watch.ts'
import type { KernelFile, KernelFiles } from '../policies/kernel/kernel-file.ts'
import type { LoadedPolicy } from '../policies/kernel/loaded-policy.ts'
import type { Policies } from '../policies/kernel/policies.ts'
import type { Counters } from '../reader/counters.ts'
import { type EventDetail, recordContent } from '../reader/event-content.ts'
import { checkOutput } from '../reader/export/output-options.ts'
import { ReaderThread } from '../reader/reader-thread.ts'
import type { ReaderWorker } from '../reader/reader-worker.ts'
import type { RuntimeLookups } from '../workloads/sources/cri/runtime-lookups.ts'
import type { PodWatch } from '../workloads/sources/kubernetes/pod-watch.ts'
import { HookWatch } from './hook-watch.ts'
import { InstanceLock } from './instance-lock.ts'
import {
  avoidPreemption,
  checkKernel,
  checkProcfs,
  findHierarchy,
  findWalk,
  kernelTarget,
  openBtf,
} from './kernel-requirements.ts'
import type { Ending } from './lifetime.ts'
import { LossWatch } from './loss-watch.ts'
import { Pins, type ReplacedPrograms } from './pins.ts'
import { pinRecordMaps } from './unread-records.ts'
import { WorkloadSources } from './workload-sources.ts'

/** Receives notifications from a running agent. */
export interface AgentListener {
  /** The kernel refused a policy program; another back end may be used. */
  refused?(error: Error): void
  /** A message for the operator. */
  warn?(message: string): void
  /** A policy was loaded or unloaded. */
  changed?(): void
}

/** What an agent consists of. */
interface AgentParts {
  readonly lock: InstanceLock
  readonly reader: ReaderThread
  readonly hierarchy: CgroupHierarchy
  readonly sensor: ProcessSensor
  readonly btf: Btf
  readonly sources: WorkloadSources
  readonly pins: Pins
}

/** A running agent. */
export class Agent implements ServedAgent {
  readonly hierarchy: CgroupHierarchy
  readonly sensor: ProcessSensor
  readonly counters: Counters
  /** The optional content of events. */
  readonly eventDetail: EventDetail
  /** Bytes. */
  readonly ringSize: number
  /** Size of the kernel's process table. */
  readonly processTableSize: number
  /** Sizes of the caches of incomplete events. */
  readonly waiting: WaitingLimits
  /** Fulfilled when the worker has ended: by `stop`, or because the receiver of events is gone. */
  readonly ended: Promise<'stopped' | 'sink-closed'>
  readonly #sources: WorkloadSources
  readonly #reader: ReaderThread
  readonly #lossWatch: LossWatch
  readonly #hookWatch: HookWatch
  readonly #lock: InstanceLock
  readonly #pins: Pins
  readonly #btf: Btf
  readonly #guarded: readonly string[]
  readonly #procfs: string
  readonly #switchedOff: readonly ProgramKind[]
  /** Options that policies may require. */
  readonly abilities: Abilities
  readonly #listener: AgentListener
  #policies: Promise<Policies> | undefined
  #kernelFiles: KernelFiles | undefined
  #openedPolicies: Policies | undefined
  #finalLosses: Record<LossKind, number> | undefined
  #finalMissed: number | undefined
  #stopping: Promise<void> | undefined
  #sharedByPolicies = (): readonly Collection[] => []

  /**
   * Loads the sensors and starts the pipeline. When the promise is fulfilled, all running processes
   * are known and new ones are seen.
   * @param thread the reader thread, if it was already started
   * @param node undefined: events have no labels of the node; the agent starts and closes it
   * @throws AgentError
   */
  static async start(
    options: AgentOptions,
    listener: AgentListener = {},
    thread?: ReaderWorker,
    node?: NodeWatch,
  ): Promise<Agent> {
    await checkOutput(options)
    const lock = new InstanceLock(options.pidFile)
    let reader: ReaderThread | undefined
    let sensor: ProcessSensor | undefined
    let sources: WorkloadSources | undefined
    let pins: Pins | undefined
    try {
      const warn = (message: string): void => listener.warn?.(message)
      // Before the first use of BPF: policies of an earlier agent may forbid that.
      pins = new Pins(options.pins, warn)
      checkKernel('ring_buffer')
      // First: starting a thread takes as long as loading the kernel side.
      reader = new ReaderThread(options, { warn }, thread)
      const { ring } = reader
      sources = await WorkloadSources.start(options, node, reader, warn)
      const { procfs, environment, processTableSize } = options
      const content = recordContent(options.content)
      const btf = openBtf(options.btf)
      checkKernel('tp_btf')
      const target = { ...kernelTarget(btf), pins: pins.folder }
      const hierarchy = findHierarchy(btf, procfs)
      checkProcfs(procfs)
      avoidPreemption(btf, reader, warn)
      const walk = findWalk(target, procfs, warn)
      const rate = options.content.cgroupRate
      const wanted = { environment, content, processTableSize, rate, walk }
      sensor = new ProcessSensor({ target, hierarchy, ring, ...wanted })
      sensor.load()
      if (pins.folder) pinRecordMaps(pins.folder, [ring, sensor.lossCounts])
      await reader.ready()
      sensor.start()
      await reader.discovered(sensor.lookup)
      return new Agent(options, listener, { lock, reader, hierarchy, sensor, btf, sources, pins })
    } catch (error) {
      node?.close()
      await sources?.close()
      // The waiting thread would keep the process alive. Its own failure is in `error`.
      await reader?.stop().catch(() => {})
      sensor?.[Symbol.dispose]()
      pins?.[Symbol.dispose]()
      lock[Symbol.dispose]()
      throw error
    }
  }

  private constructor(options: AgentOptions, listener: AgentListener, parts: AgentParts) {
    const { lock, reader, hierarchy, sensor, btf, sources, pins } = parts
    this.#sources = sources
    this.#pins = pins
    this.eventDetail = { environment: options.environment, content: options.content }
    this.waiting = options.waiting ?? waitingLimits
    this.ringSize = options.ringSize
    this.processTableSize = options.processTableSize
    this.abilities = options.abilities
    this.#guarded = options.guarded
    this.#procfs = options.procfs
    this.#switchedOff = options.kprobeMulti ? [] : ['kprobe_multi']
    this.hierarchy = hierarchy
    this.sensor = sensor
    this.counters = reader.counters
    this.ended = reader.ended
    this.#reader = reader
    const warn = (message: string): void => listener.warn?.(message)
    this.#lossWatch = new LossWatch(sensor, reader, warn)
    const hasPolicies = (): boolean => this.loadedPolicies.length > 0
    this.#hookWatch = new HookWatch(hasPolicies, warn)
    this.#lock = lock
    this.#btf = btf
    this.#listener = listener
  }

  /** Undefined: pods are not watched in the API server. */
  get podWatch(): PodWatch | undefined {
    return this.#sources.podWatch
  }

  /** Undefined: the socket of the container runtime is not asked. */
  get runtimeLookups(): RuntimeLookups | undefined {
    return this.#sources.runtimeLookups
  }

  /** Policies in the kernel now. */
  get loadedPolicies(): readonly LoadedPolicy[] {
    return [...(this.#openedPolicies?.loaded ?? [])]
  }

  /** Programs and maps that serve several policies. */
  get sharedByPolicies(): readonly Collection[] {
    return this.#sharedByPolicies()
  }

  /** The thread that creates events. */
  get reader(): ReaderThread {
    return this.#reader
  }

  /** The sources of containers and pods. */
  get workloadSources(): WorkloadSources {
    return this.#sources
  }

  /** Whether a thread waits for something that does not respond, which keeps the process alive. */
  get isStuck(): boolean {
    return this.#reader.isStuck
  }

  /**
   * Frees memory that is used only at the start and by changes of policies. It blocks this thread,
   * and that of the reader, for about 20 ms each. Does nothing while policies change: the end of
   * the change asks for it again.
   */
  freeMemory(): void {
    if (this.#openedPolicies?.isChanging) return
    this.#btf.release()
    collectGarbage()
    this.#reader.freeMemory()
  }

  /** The policies. The compiler is loaded on first use. */
  policies(): Promise<Policies> {
    this.#policies ??= this.#makePolicies()
    return this.#policies
  }

  /** The description of the kernel, for checks of policies elsewhere. @throws AgentError */
  async describeKernel(): Promise<KernelFile> {
    const { KernelFiles } = await import('../policies/kernel/kernel-file.ts')
    const options = { switchedOff: this.#switchedOff, hierarchy: this.hierarchy }
    this.#kernelFiles ??= new KernelFiles(options)
    return this.#kernelFiles.describe()
  }

  async #makePolicies(): Promise<Policies> {
    const { Policies } = await import('../policies/kernel/policies.ts')
    // Its probes of the kernel have a turn of their own.
    await turn()
    const policies = new Policies({
      btf: this.#btf,
      reader: this.#reader,
      shared: this.sensor.sharedMaps(),
      sensor: this.sensor,
      walk: this.sensor.walk,
      callsMax: this.waiting.calls,
      hierarchy: this.hierarchy,
      abilities: this.abilities,
      switchedOff: this.#switchedOff,
      guarded: this.#guarded,
      procfs: this.#procfs,
      pins: this.#pins.folder,
      holdsContainers: () => this.#sources.holdsContainers,
    })
    policies.onRefused = (error) => this.#listener.refused?.(error)
    policies.onWarning = (message) => this.#listener.warn?.(message)
    policies.onChanged = () => this.#listener.changed?.()
    this.#openedPolicies = policies
    this.#sharedByPolicies = () => policies.shared
    return policies
  }

  /** Records lost in the kernel, by kind; after `stop` those of the whole run. */
  losses(): Record<LossKind, number> {
    return this.#finalLosses ?? this.sensor.losses()
  }

  /** Upper bound of missed hits of a hook; after `stop` those of the whole run. */
  possiblyMissed(): number {
    const ofPolicies = this.#openedPolicies?.possiblyMissed() ?? 0
    return this.#finalMissed ?? this.sensor.possiblyMissed() + ofPolicies
  }

  /** Requests of policies that were dropped because too many were waiting. */
  droppedRequests(): number {
    return this.#openedPolicies?.requests.dropped ?? 0
  }

  /** Whether programs of earlier agents are attached. */
  get hasEarlier(): boolean {
    return this.#pins.hasEarlier
  }

  /**
   * The policies are in force: detaches programs of earlier agents.
   * @returns undefined if there were none
   */
  replaceEarlier(): ReplacedPrograms | undefined {
    return this.#pins.replaceEarlier(this.ringSize)
  }

  /** Detach first, then write the content of the ring. @param stay whether pinned programs do */
  async #stopHooksThenReader(stay: boolean): Promise<void> {
    try {
      // Callers that requested the policies get the error.
      const policies = await this.#policies?.catch(() => undefined)
      if (stay) {
        policies?.closeKeepingPinned()
        this.#pins.folder?.keepPins()
      } else policies?.[Symbol.dispose]()
    } finally {
      await this.#reader.stop()
    }
  }

  /**
   * Writes the content of the ring, ends the worker and removes everything from the kernel, except
   * pinned programs that stay after this ending. Further calls have the same result.
   * @throws AgentError AGENT_PIPELINE if the worker had failed; everything is removed in that case
   *   too
   */
  stop(ending: Ending = 'stop'): Promise<void> {
    this.#stopping ??= this.#stop(ending)
    return this.#stopping
  }

  async #stop(ending: Ending): Promise<void> {
    this.#lossWatch[Symbol.dispose]()
    this.#hookWatch[Symbol.dispose]()
    await this.#sources.close()
    try {
      await this.#stopHooksThenReader(this.#pins.end(ending))
    } finally {
      this.#finalLosses = this.sensor.losses()
      this.#finalMissed = this.possiblyMissed()
      this.sensor[Symbol.dispose]()
      this.#pins[Symbol.dispose]()
      this.#lock[Symbol.dispose]()
    }
  }
}
