import type { Worker } from 'node:worker_threads'
import { createMap, type OpenMap, ringBuffer } from '@tetragon-ts/ebpf/maps'
import { Doorbell } from '@tetragon-ts/ebpf/sys'
import type { WaitingLimits } from '@tetragon-ts/sensors'
import { events } from '@tetragon-ts/sensors'
import type { CallOf, UserRequest } from '@tetragon-ts/sensors/hooks'
import { AgentError } from '../error.ts'
import { Counters } from './counters.ts'
import type { EventContent } from './event-content.ts'
import type { CountingOptions } from './event-counts.ts'
import type { OutputOptions } from './export/output-options.ts'
import { ExportFile } from './outputs/export-file.ts'
import type { SinkOptions } from './outputs/open-sink.ts'
import type { PipelineTotals } from './pipeline.ts'
import { beginReading, type ReaderWorker, startReaderWorker } from './reader-worker.ts'
import type { Command, KnownProcess, Report, WorkerOptions } from './worker.ts'

export interface ReaderOptions extends OutputOptions {
  /** Bytes; a power of two and a multiple of the page size. */
  readonly ringSize: number
  readonly sink: SinkOptions
  readonly nodeName: string
  readonly procfs: string
  readonly content: EventContent
  /** Undefined: events are not counted. */
  readonly counting?: CountingOptions | undefined
  /** Whether to measure how long each record takes. */
  readonly latencies?: boolean
  /** Undefined: what is usual. */
  readonly waiting?: WaitingLimits | undefined
}

/** Who hears of what the thread says by itself. */
export interface ReaderObserver {
  /** For the operator. */
  warn(message: string): void
}

/** How long the thread may take to end, in milliseconds: longer than its sink has for that. */
const stopMs = 15_000

/** Nothing counted. */
export const noTotals: PipelineTotals = { events: undefined, latencies: [] }

/** The ring and the thread that reads it, as the main thread sees them. */
export class ReaderThread {
  readonly ring: OpenMap<undefined, undefined>
  readonly counters = new Counters()
  /** The file of events, if it is rotated. */
  readonly exportFile: ExportFile | undefined
  /** Fulfilled when the thread ended: by `stop`, or because nobody reads the events any more. */
  readonly ended: Promise<'stopped' | 'sink-closed'>
  /** Is told of calls of hooked functions that will not return. */
  onAbandoned: ((calls: readonly CallOf[]) => void) | undefined
  /** Is told what the actions of policies ask of user space. */
  onRequests: ((requests: readonly UserRequest[]) => void) | undefined
  /** Called when events are in the ring of `stream` and its reader sleeps. */
  onEvents: (() => void) | undefined
  readonly #dumps = new Map<number, (processes: readonly KnownProcess[]) => void>()
  readonly #totals = new Map<number, (counted: PipelineTotals) => void>()
  #nextQuestion = 1
  #onProfile: ((profile: string) => void) | undefined
  readonly #worker: Worker
  readonly #doorbell = new Doorbell()
  readonly #reports: Report[] = []
  #waiting: (() => void) | undefined
  #failure: AgentError | undefined
  #isOver = false
  #end: () => void = () => {}
  /** Whether it did all that it can and yet does not end: only the end of the process ends it. */
  isStuck = false

  /**
   * Has the thread read; one that was not started yet is.
   * @throws SystemCallError
   */
  constructor(
    options: ReaderOptions,
    observer: ReaderObserver,
    thread: ReaderWorker = startReaderWorker(),
  ) {
    const { ringSize, sink, nodeName, procfs, content, counting, latencies } = options
    const { redaction, variables, waiting } = options
    this.ring = createMap(ringBuffer(events.name, { size: ringSize }))
    const workerOptions: WorkerOptions = {
      ...{ ringFd: this.ring.fd.number, ringSize, sink, nodeName, procfs, content },
      ...{ counting, latencies, export: options.export, redaction, variables, waiting },
      doorbellFd: this.#doorbell.fd.number,
      counters: this.counters.buffer,
    }
    this.#worker = thread.worker
    beginReading(thread, workerOptions)
    this.exportFile =
      sink.kind === 'file' && sink.rotation !== undefined
        ? new ExportFile(sink.path, sink.rotation, this, observer)
        : undefined
    this.#worker.on('message', (report: Report) => {
      if (report === 'stuck') return this.#giveUp()
      if (report === 'events') return this.onEvents?.()
      if (report === 'rotated') return this.exportFile?.rotated()
      if (typeof report === 'object') {
        if ('dump' in report) return this.#dumps.get(report.dump)?.(report.processes)
        if ('profile' in report) return this.#onProfile?.(report.profile)
        if ('totals' in report) return this.#totals.get(report.totals)?.(report.counted)
        if ('warning' in report) return observer.warn(report.warning)
        if ('abandoned' in report) return this.onAbandoned?.(report.abandoned)
        return this.onRequests?.(report.requests)
      }
      this.#reports.push(report)
      this.#waiting?.()
    })
    this.ended = this.#watch()
    // Whoever waits for it hears of a failure; that nobody waits yet must not end the process.
    this.ended.catch(() => {})
  }

  /** Tells it something; it answers when it has done what was in the ring before. */
  command(command: Command): void {
    this.#worker.postMessage(command)
    this.#doorbell.ring()
  }

  /** Has it write events into a ring as well, or end that. It never waits for the ring's reader. */
  stream(memory: SharedArrayBuffer | undefined): void {
    if (!this.#isOver) this.command({ stream: memory })
  }

  /** All processes that it knows; none when the thread has ended. */
  async knownProcesses(): Promise<readonly KnownProcess[]> {
    if (this.#isOver) return []
    const dump = this.#nextQuestion++
    const answer = new Promise<readonly KnownProcess[]>((resolve) => {
      this.#dumps.set(dump, resolve)
    })
    this.command({ dump })
    const processes = await answer
    this.#dumps.delete(dump)
    return processes
  }

  /** Samples where the thread spends its time. */
  beginProfile(): void {
    if (!this.#isOver) this.command({ profile: 'begin' })
  }

  /** What the samples say; nothing when the thread has ended. */
  async endProfile(): Promise<string> {
    if (this.#isOver) return ''
    const profile = new Promise<string>((resolve) => {
      this.#onProfile = resolve
    })
    this.command({ profile: 'end' })
    return profile
  }

  /** What it counted; nothing when the thread has ended. */
  async totals(): Promise<PipelineTotals> {
    if (this.#isOver) return noTotals
    const totals = this.#nextQuestion++
    const answer = new Promise<PipelineTotals>((resolve) => {
      this.#totals.set(totals, resolve)
    })
    this.command({ totals })
    const counted = await answer
    this.#totals.delete(totals)
    return counted
  }

  /**
   * Fulfilled when it has reported this, which is then forgotten, and when nobody reads the events
   * any more. @throws AgentError AGENT_PIPELINE when it failed instead
   */
  async reported(wanted: Report): Promise<void> {
    // Not a race with `ended`: that promise would remember every race for as long as the agent
    // runs.
    while (!this.#take(wanted)) {
      if (this.#failure) throw this.#failure
      if (this.#isOver || this.#reports.includes('sink-closed')) return
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    }
  }

  #take(wanted: Report): boolean {
    const at = this.#reports.indexOf(wanted)
    if (at >= 0) this.#reports.splice(at, 1)
    return at >= 0
  }

  /**
   * Has it write out what is in the ring and end, which takes a bounded time: a thread that does
   * not answer is given up. @throws AgentError AGENT_PIPELINE if it failed
   */
  async stop(): Promise<void> {
    const deadline = setTimeout(() => this.#giveUp(), stopMs)
    try {
      this.command('stop')
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
        this.#waiting?.()
      })
      this.#end = () => {
        this.#isOver = true
        this.#waiting?.()
        for (const answer of this.#dumps.values()) answer([])
        for (const answer of this.#totals.values()) answer(noTotals)
        this.#onProfile?.('')
        resolve(this.#reports.includes('sink-closed') ? 'sink-closed' : 'stopped')
      }
      this.#worker.once('exit', this.#end)
    })
  }
}

/** Errors lose their class on the way between threads, and keep their code. */
function failureOf(error: Error & { readonly code?: string }): AgentError {
  if (error.code === 'AGENT_FILE') return new AgentError(error.code, error.message)
  const message = `read events: the pipeline failed: ${error.message}`
  return new AgentError('AGENT_PIPELINE', message, { cause: error })
}
