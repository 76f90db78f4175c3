import type { KernelReport, KernelRequest } from './protocol.ts'

/** Milliseconds without a report until a worker that should answer is ended. */
const silenceMs = 20_000

/** What is used of a worker. */
export interface CheckingWorker {
  onmessage: ((message: MessageEvent<KernelReport>) => void) | null
  onerror: ((error: ErrorEvent) => void) | null
  postMessage(request: KernelRequest): void
  terminate(): void
}

/** A worker that checks for kernels; it is ended if it does not answer. */
export class WatchedWorker {
  readonly #worker: CheckingWorker
  readonly #onReport: (report: KernelReport) => void
  readonly #onEnd: (reason: string) => void
  /** Kernels that are being read. */
  readonly #reading = new Set<number>()
  /** Numbers of the check and the list that are awaited, by kind. */
  readonly #awaited = new Map<'check' | 'list', number>()
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param onEnd gets why the worker was ended: it has no kernels any more */
  constructor(
    worker: CheckingWorker,
    onReport: (report: KernelReport) => void,
    onEnd: (reason: string) => void,
  ) {
    this.#worker = worker
    this.#onReport = onReport
    this.#onEnd = onEnd
    worker.onmessage = ({ data }: MessageEvent<KernelReport>) => this.#receive(data)
    worker.onerror = ({ message }) => this.#end(message || 'the checker could not be loaded')
  }

  ask(request: KernelRequest): void {
    if (request.kind === 'add') this.#reading.add(request.id)
    if (request.kind === 'remove') this.#reading.delete(request.id)
    if ('number' in request) this.#awaited.set(request.kind, request.number)
    this.#worker.postMessage(request)
    // Only reports of the worker start the time again, not requests to it.
    if (this.#timer === undefined) this.#watch()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#worker.terminate()
  }

  #receive(report: KernelReport): void {
    if ('id' in report) this.#reading.delete(report.id)
    else if (report.kind !== 'progress') this.#answered(report.number)
    this.#watch()
    this.#onReport(report)
  }

  #answered(number: number): void {
    for (const [kind, each] of this.#awaited) if (each === number) this.#awaited.delete(kind)
  }

  #watch(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#reading.size === 0 && this.#awaited.size === 0) return
    const reason = `the checker has not answered for ${silenceMs / 1000} s, and was ended`
    this.#timer = setTimeout(() => this.#end(reason), silenceMs)
  }

  #end(reason: string): void {
    this.close()
    this.#onEnd(reason)
  }
}
