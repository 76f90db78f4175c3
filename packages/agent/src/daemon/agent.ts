import { Btf } from '@tetragon-ts/ebpf/btf'
import { probe } from '@tetragon-ts/ebpf/features'
import type { Collection } from '@tetragon-ts/ebpf/lang'
import type { LossKind } from '@tetragon-ts/sensors'
import { type WaitingLimits, waitingLimits } from '@tetragon-ts/sensors'
import type { ProgramKind } from '@tetragon-ts/sensors/compiler'
import type { CgroupHierarchy } from '@tetragon-ts/sensors/process'
import { findCgroupHierarchy, ProcessSensor } from '@tetragon-ts/sensors/process'
import type { AgentOptions } from '../config/agent-options.ts'
import { AgentError } from '../error.ts'
import type { LoadedPolicy } from '../policies/kernel/loaded-policy.ts'
import type { Policies } from '../policies/kernel/policies.ts'
import type { Counters } from '../reader/counters.ts'
import { recordContent, type ToldContent } from '../reader/event-content.ts'
import { checkOutput } from '../reader/export/output-options.ts'
import { ReaderThread } from '../reader/reader-thread.ts'
import type { ReaderWorker } from '../reader/reader-worker.ts'
import type { PodWatch } from '../workloads/sources/kubernetes/pod-watch.ts'
import { InstanceLock } from './instance-lock.ts'
import { LossWatch } from './loss-watch.ts'

/** Receives notices about a running agent. */
export interface AgentListener {
  /** The kernel refused a program of a policy; another way into it may be left. */
  refused?(error: Error): void
  /** Something that the operator should know. */
  warn?(message: string): void
}

/** What the kernel cannot do without, and since when kernels have it. */
const needs = {
  ring_buffer: ['the BPF ring buffer', '5.8'],
  tp_btf: ['typed tracepoints', '5.5'],
  iterator: ['task iterators', '5.8'],
} as const

/** A running agent. */
export class Agent {
  readonly hierarchy: CgroupHierarchy
  readonly sensor: ProcessSensor
  readonly counters: Counters
  /** The optional content of events. */
  readonly told: ToldContent
  /** Bytes. */
  readonly ringSize: number
  /** Processes that the kernel side can know at a time. */
  readonly processTableSize: number
  /** How much of what belongs together may wait for its other half. */
  readonly waiting: WaitingLimits
  /** Fulfilled when the worker ended: by `stop`, or because the receiver of events is gone. */
  readonly ended: Promise<'stopped' | 'sink-closed'>
  /** Undefined if the API server is not asked. */
  readonly podWatch: PodWatch | undefined
  readonly #reader: ReaderThread
  readonly #lossWatch: LossWatch
  readonly #lock: InstanceLock
  readonly #btf: Btf
  readonly #switchedOff: readonly ProgramKind[]
  readonly #listener: AgentListener
  #policies: Promise<Policies> | undefined
  #openedPolicies: Policies | undefined
  #finalLosses: Record<LossKind, number> | undefined
  #finalMissed: number | undefined
  #stopping: Promise<void> | undefined
  #sharedByPolicies = (): readonly Collection[] => []

  /**
   * Loads the sensors and starts the pipeline; when the promise is fulfilled, every process that
   * runs is known and every new one will be seen.
   * @param thread the one to read with, if it was started already
   * @throws AgentError
   */
  static async start(
    options: AgentOptions,
    listener: AgentListener = {},
    thread?: ReaderWorker,
  ): Promise<Agent> {
    await checkOutput(options)
    const lock = new InstanceLock(options.pidFile)
    let reader: ReaderThread | undefined
    let sensor: ProcessSensor | undefined
    let podWatch: PodWatch | undefined
    try {
      checkKernel('ring_buffer')
      // Before all else: a thread takes as long to start as the kernel side takes to load.
      const warn = (message: string): void => listener.warn?.(message)
      reader = new ReaderThread(options, { warn }, thread)
      podWatch = await watchPods(options, reader, warn)
      const { ring } = reader
      const { procfs, environment, processTableSize } = options
      const content = recordContent(options.content)
      const btf = openBtf(options.btf)
      checkKernel('tp_btf')
      checkKernel('iterator')
      const target = {
        btf,
        bpfLoop: probe('bpf_loop').answer === 'yes',
        directReads: probe('direct_reads').answer === 'yes',
        openReads: probe('open_reads').answer === 'yes',
        mapFields: probe('map_fields').answer === 'yes',
      }
      const hierarchy = findHierarchy(btf, procfs)
      const rate = options.content.cgroupRate
      const wanted = { environment, content, processTableSize, rate }
      sensor = new ProcessSensor({ target, hierarchy, ring, ...wanted })
      sensor.load()
      await reader.ready()
      sensor.attach()
      sensor.reportRunning()
      await reader.discovered()
      return new Agent(options, lock, reader, hierarchy, sensor, btf, listener, podWatch)
    } catch (error) {
      await podWatch?.close()
      // The thread blocks in its wait and would keep the process alive. Its own failure is `error`.
      await reader?.stop().catch(() => {})
      sensor?.[Symbol.dispose]()
      lock[Symbol.dispose]()
      throw error
    }
  }

  private constructor(
    options: AgentOptions,
    lock: InstanceLock,
    reader: ReaderThread,
    hierarchy: CgroupHierarchy,
    sensor: ProcessSensor,
    btf: Btf,
    listener: AgentListener,
    podWatch: PodWatch | undefined,
  ) {
    this.podWatch = podWatch
    this.told = { environment: options.environment, content: options.content }
    this.waiting = options.waiting ?? waitingLimits
    this.ringSize = options.ringSize
    this.processTableSize = options.processTableSize
    this.#switchedOff = options.kprobeMulti ? [] : ['kprobe_multi']
    this.hierarchy = hierarchy
    this.sensor = sensor
    this.counters = reader.counters
    this.ended = reader.ended
    this.#reader = reader
    this.#lossWatch = new LossWatch(sensor, reader)
    this.#lock = lock
    this.#btf = btf
    this.#listener = listener
  }

  /** Policies in the kernel now. */
  get loadedPolicies(): readonly LoadedPolicy[] {
    return [...(this.#openedPolicies?.loaded ?? [])]
  }

  /** Programs and maps that serve several policies. */
  get sharedByPolicies(): readonly Collection[] {
    return this.#sharedByPolicies()
  }

  /** The thread that makes events. */
  get reader(): ReaderThread {
    return this.#reader
  }

  /** Whether a thread waits for something that does not respond, and so keeps the process alive. */
  get isStuck(): boolean {
    return this.#reader.isStuck
  }

  /** The policies. The code that compiles them is loaded when it is first asked for. */
  policies(): Promise<Policies> {
    this.#policies ??= this.#makePolicies()
    return this.#policies
  }

  async #makePolicies(): Promise<Policies> {
    const { Policies } = await import('../policies/kernel/policies.ts')
    const policies = new Policies(
      this.#btf,
      this.#reader,
      this.sensor.sharedMaps(),
      this.waiting.calls,
      this.#switchedOff,
    )
    policies.onRefused = (error) => this.#listener.refused?.(error)
    policies.onWarning = (message) => this.#listener.warn?.(message)
    this.#openedPolicies = policies
    this.#sharedByPolicies = () => policies.shared
    return policies
  }

  /** Records lost in the kernel, by kind; after `stop` those of the whole run. */
  losses(): Record<LossKind, number> {
    return this.#finalLosses ?? this.sensor.losses()
  }

  /** Hits of a hook that may have been missed, at most; after `stop` those of the whole run. */
  possiblyMissed(): number {
    const ofPolicies = this.#openedPolicies?.possiblyMissed() ?? 0
    return this.#finalMissed ?? this.sensor.possiblyMissed() + ofPolicies
  }

  /** First no more hits, then what is in the ring is written. */
  async #stopHooksThenReader(): Promise<void> {
    try {
      // Whoever asked for the policies has the error if there are none.
      const policies = await this.#policies?.catch(() => undefined)
      policies?.[Symbol.dispose]()
    } finally {
      await this.#reader.stop()
    }
  }

  /**
   * Writes out what is in the ring, ends the worker and takes everything out of the kernel. Further
   * calls have the same result.
   * @throws AgentError AGENT_PIPELINE if the worker had failed; everything is gone then as well
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#lossWatch[Symbol.dispose]()
    await this.podWatch?.close()
    try {
      await this.#stopHooksThenReader()
    } finally {
      this.#finalLosses = this.sensor.losses()
      this.#finalMissed = this.possiblyMissed()
      this.sensor[Symbol.dispose]()
      this.#lock[Symbol.dispose]()
    }
  }
}

/** The code is loaded only where the API server is asked. @throws AgentError AGENT_OPTION */
async function watchPods(
  { kubernetes }: AgentOptions,
  reader: ReaderThread,
  warn: (message: string) => void,
): Promise<PodWatch | undefined> {
  if (kubernetes === undefined) return undefined
  const { PodWatch } = await import('../workloads/sources/kubernetes/pod-watch.ts')
  return new PodWatch(kubernetes, { changed: (changes) => reader.updatePods(changes), warn })
}

function openBtf(path: string): Btf {
  try {
    return Btf.open(path)
  } catch (error) {
    throw new AgentError(
      'AGENT_KERNEL',
      `read kernel types from ${path}: ${(error as Error).message}; the kernel must be built with ` +
        'CONFIG_DEBUG_INFO_BTF',
      { cause: error },
    )
  }
}

function findHierarchy(btf: Btf, procfs: string): CgroupHierarchy {
  try {
    return findCgroupHierarchy(btf, procfs)
  } catch (cause) {
    const message = `read ${procfs}: ${(cause as Error).message}; --procfs must be a proc file system`
    throw new AgentError('AGENT_OPTION', message, { cause })
  }
}

function checkKernel(feature: keyof typeof needs): void {
  const { answer, reason } = probe(feature)
  if (answer === 'yes') return
  if (process.getuid?.() !== 0) {
    throw new AgentError('AGENT_PERMISSION', `load kernel programs: ${reason}; run as root`)
  }
  const [name, since] = needs[feature]
  throw new AgentError(
    'AGENT_KERNEL',
    `start agent: this kernel lacks ${name} (Linux ${since} or later): ${reason}`,
  )
}
