import { Worker } from 'node:worker_threads'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { probe } from '@tetragon-ts/ebpf/features'
import { Doorbell } from '@tetragon-ts/ebpf/sys'
import { AgentError } from './error.ts'
import { InstanceLock } from './instance-lock.ts'
import { Counters } from './pipeline/counters.ts'
import type { SinkOptions } from './pipeline/sinks/open-sink.ts'
import type { Command, Report, WorkerOptions } from './pipeline/worker.ts'
import { findCgroupHierarchy } from './sensors/process/cgroup-hierarchy.ts'
import type { CgroupHierarchy } from './sensors/process/identity.ts'
import type { LossKind } from './sensors/process/maps.ts'
import { ProcessSensor } from './sensors/process/sensor.ts'

export interface AgentOptions {
  readonly sink: SinkOptions
  readonly nodeName: string
  readonly procfs: string
  /** Path of the kernel's BTF. */
  readonly btf: string
  readonly ringSize: number
  readonly environment: boolean
  readonly pidFile: string
}

/** What the kernel cannot do without, and since when kernels have it. */
const needs = [
  ['ring_buffer', 'the BPF ring buffer', '5.8'],
  ['tp_btf', 'typed tracepoints', '5.5'],
  ['iterator', 'task iterators', '5.8'],
] as const

/** A running agent. */
export class Agent {
  readonly hierarchy: CgroupHierarchy
  readonly sensor: ProcessSensor
  readonly counters: Counters
  /** Bytes. */
  readonly ringSize: number
  /** Fulfilled when the worker ended: by `stop`, or because nobody reads the events any more. */
  readonly ended: Promise<'stopped' | 'sink-closed'>
  readonly #worker: Worker
  readonly #doorbell: Doorbell
  #lock: InstanceLock | undefined
  readonly #reports: Report[] = []
  #finalLosses: Record<LossKind, number> | undefined
  #finalMissed: number | undefined
  #waiting: (() => void) | undefined

  /**
   * Loads the sensors and starts the pipeline; when the promise is fulfilled, every process that
   * runs is known and every new one will be seen.
   * @throws AgentError
   */
  static async start(options: AgentOptions): Promise<Agent> {
    const btf = openBtf(options.btf)
    const lock = new InstanceLock(options.pidFile)
    let agent: Agent | undefined
    try {
      checkKernel()
      agent = new Agent(options, btf)
      await agent.#begin()
      agent.#lock = lock
      return agent
    } catch (error) {
      // The worker blocks in its wait and would keep the process alive. Its own failure is `error`.
      await agent?.stop().catch(() => {})
      lock[Symbol.dispose]()
      throw error
    }
  }

  private constructor(options: AgentOptions, btf: Btf) {
    this.ringSize = options.ringSize
    this.hierarchy = findCgroupHierarchy(btf, options.procfs)
    this.sensor = new ProcessSensor({
      target: { btf, bpfLoop: probe('bpf_loop').answer === 'yes' },
      hierarchy: this.hierarchy,
      ringSize: options.ringSize,
      environment: options.environment,
    })
    this.counters = new Counters()
    this.#doorbell = new Doorbell()
    const workerData: WorkerOptions = {
      ringFd: this.sensor.ring.fd.number,
      ringSize: options.ringSize,
      doorbellFd: this.#doorbell.fd.number,
      counters: this.counters.buffer,
      sink: options.sink,
      nodeName: options.nodeName,
      procfs: options.procfs,
    }
    this.#worker = new Worker(new URL('./pipeline/worker.js', import.meta.url), {
      name: 'tetragon-reader',
      workerData,
    })
    this.#worker.on('message', (report: Report) => {
      this.#reports.push(report)
      this.#waiting?.()
    })
    this.ended = this.#watchWorker()
  }

  async #begin(): Promise<void> {
    // Compiling and loading happen while the worker starts.
    this.sensor.attach()
    await this.#reported('ready')
    this.sensor.takeInRunning()
    this.#command('taken-in')
    await this.#reported('taken-in')
  }

  /** Records lost in the kernel, by kind; after `stop` those of the whole run. */
  losses(): Record<LossKind, number> {
    return this.#finalLosses ?? this.sensor.losses()
  }

  /** Hits of a hook that may have been missed, at most; after `stop` those of the whole run. */
  possiblyMissed(): number {
    return this.#finalMissed ?? this.sensor.possiblyMissed()
  }

  /**
   * Writes out what is in the ring, ends the worker and takes everything out of the kernel.
   * @throws AgentError AGENT_PIPELINE if the worker had failed; everything is gone then as well
   */
  async stop(): Promise<void> {
    try {
      this.#command('stop')
      await this.ended
    } finally {
      this.#finalLosses = this.sensor.losses()
      this.#finalMissed = this.sensor.possiblyMissed()
      this.sensor[Symbol.dispose]()
      this.#doorbell.close()
      this.#lock?.[Symbol.dispose]()
    }
  }

  #command(command: Command): void {
    this.#worker.postMessage(command)
    this.#doorbell.ring()
  }

  async #reported(wanted: Report): Promise<void> {
    while (!this.#reports.includes(wanted)) {
      const more = new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
      // A worker that ends instead of reporting rejects or fulfils `ended`.
      await Promise.race([more, this.ended])
      if (this.#reports.includes('sink-closed')) return
    }
  }

  #watchWorker(): Promise<'stopped' | 'sink-closed'> {
    return new Promise((resolve, reject) => {
      this.#worker.once('error', (error) => {
        const message = `read events: the pipeline failed: ${error.message}`
        reject(new AgentError('AGENT_PIPELINE', message, { cause: error }))
      })
      this.#worker.once('exit', () => {
        resolve(this.#reports.includes('sink-closed') ? 'sink-closed' : 'stopped')
      })
    })
  }
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

function checkKernel(): void {
  for (const [feature, name, since] of needs) {
    const { answer, reason } = probe(feature)
    if (answer === 'yes') continue
    if (process.getuid?.() !== 0) {
      throw new AgentError('AGENT_PERMISSION', `load kernel programs: ${reason}; run as root`)
    }
    throw new AgentError(
      'AGENT_KERNEL',
      `start agent: this kernel does not offer ${name} (Linux ${since} or later): ${reason}`,
    )
  }
}
