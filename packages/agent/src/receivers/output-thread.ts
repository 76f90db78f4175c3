import { MessageChannel, type Worker } from 'node:worker_threads'
import type { OutputStatus } from '@tetragon-ts/outputs'
import { AgentError } from '../error.ts'
import type { OutputLink } from '../reader/outputs/output-tap.ts'
import { makeRingMemory } from '../reader/outputs/shared-ring.ts'
import { startThread } from '../start-thread.ts'
import type {
  OutputChange,
  OutputReport,
  OutputRequest,
  OutputThreadOptions,
} from './output-messages.ts'

/** The program of the thread. */
const program = new URL('./output-worker.js', import.meta.url)

/** Bytes of events on the way to the thread; a power of two. */
const ringSize = 1 << 23
/** How long the thread may send what is queued at the end, in milliseconds. */
const finishMs = 3000
/** How long an output that is gone may send what is queued, in milliseconds: the others wait. */
const changeMs = 1000
/** How much longer its answers may take: it may be encoding events. */
const answerMs = 2000

/** What the thread needs, without its link to the reader. */
export interface OutputThreadHost extends Omit<OutputThreadOptions, 'link'> {
  /** A message for the operator. */
  warn(message: string): void
}

/** The thread that sends events to the outputs, from the main thread. */
export class OutputThread {
  /** For the reader's thread, which gets it once. */
  readonly link: OutputLink
  readonly #worker: Worker
  readonly #waiting = new Map<OutputReport['kind'], (report: OutputReport | undefined) => void>()
  #statuses: readonly OutputStatus[] = []
  #failure: string | undefined
  readonly #warn: (message: string) => void

  /**
   * Starts the thread.
   * @throws AgentError AGENT_OPTION if an output is wrong
   */
  static async start(host: OutputThreadHost): Promise<OutputThread> {
    const thread = new OutputThread(host)
    const report = await thread.#until('opened')
    if (report?.kind === 'opened') return thread
    const reason = report?.kind === 'wrong' ? report.message : thread.#failure
    throw new AgentError('AGENT_OPTION', `open outputs: ${reason}`)
  }

  private constructor({ warn, ...options }: OutputThreadHost) {
    this.#warn = warn
    const { port1, port2 } = new MessageChannel()
    const ring = makeRingMemory(ringSize)
    this.link = { ring, port: port1 }
    const workerData: OutputThreadOptions = { ...options, link: { ring, port: port2 } }
    this.#worker = startThread(program, {
      name: 'tetragon-outputs',
      workerData,
      transferList: [port2],
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    })
    this.#worker.unref()
    this.#worker.on('message', (report: OutputReport) => {
      if (report.kind === 'warning') warn(report.message)
      else this.#hear(report)
    })
    this.#worker.on('error', (error: Error) => {
      this.#failure = error.message
      warn(`send events to outputs: the thread failed: ${error.message}; events are lost`)
    })
    this.#worker.on('exit', () => {
      for (const answer of this.#waiting.values()) answer(undefined)
    })
  }

  #hear(report: OutputReport): void {
    if ('statuses' in report) this.#statuses = report.statuses
    // A wrong option is the other answer of the start.
    this.#waiting.get(report.kind === 'wrong' ? 'opened' : report.kind)?.(report)
  }

  /** The next report of a kind; undefined if there is none in time. */
  #until(kind: OutputReport['kind'], limit?: number): Promise<OutputReport | undefined> {
    return new Promise((resolve) => {
      const timer = limit === undefined ? undefined : setTimeout(() => answer(undefined), limit)
      const earlier = this.#waiting.get(kind)
      const answer = (report: OutputReport | undefined): void => {
        clearTimeout(timer)
        this.#waiting.delete(kind)
        earlier?.(report)
        resolve(report)
      }
      this.#waiting.set(kind, answer)
    })
  }

  #request(request: OutputRequest): void {
    this.#worker.postMessage(request)
  }

  /** State of the outputs; the last known one if the thread does not answer in time. */
  async statuses(): Promise<readonly OutputStatus[]> {
    if (this.#failure === undefined) {
      const answered = this.#until('status', answerMs)
      this.#request({ kind: 'status' })
      await answered
    }
    const failure = this.#failure
    if (failure === undefined) return this.#statuses
    return this.#statuses.map((status) => ({ ...status, failure: `the thread failed: ${failure}` }))
  }

  /**
   * Other outputs instead: those with another text end, and others with a new one start.
   * @returns those that have ended
   * @throws AgentError AGENT_OPTION if one is wrong: nothing has changed
   */
  async change(given: OutputChange): Promise<readonly OutputStatus[]> {
    const changed = this.#until('changed', changeMs + answerMs)
    this.#request({ kind: 'change', ...given, limit: changeMs })
    const report = await changed
    if (report?.kind === 'changed' && report.failure === undefined) return report.ended
    const failure = report?.kind === 'changed' ? report.failure : this.#failure
    throw new AgentError(
      'AGENT_OPTION',
      `open outputs: ${failure ?? 'the thread does not respond'}`,
    )
  }

  /** After the reader has ended: sends what is queued, within a time limit, and ends the thread. */
  async finish(): Promise<readonly OutputStatus[]> {
    if (this.#failure === undefined) {
      this.#worker.ref()
      const finished = this.#until('finished', finishMs + answerMs)
      this.#request({ kind: 'finish', limit: finishMs })
      if ((await finished) === undefined) {
        this.#warn('end outputs: the thread does not respond; what waits is lost')
      }
    }
    await this.#worker.terminate()
    return this.#statuses
  }
}
