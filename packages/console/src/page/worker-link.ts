import { signal } from '@preact/signals'
import type { Report, Request, Summary } from '../worker/protocol.ts'

type ReportOf<K extends Report['kind']> = Extract<Report, { readonly kind: K }>

const nothing: Summary = {
  state: { isConnected: false, reason: 'connecting' },
  kept: 0,
  shown: 0,
  newer: 0,
  ...{
    dropped: 0,
    droppedUntil: undefined,
    processes: 0,
    rate: 0,
    last: -1,
    isSearching: false,
    filterVersion: 0,
    past: undefined,
  },
}

/** What the link uses of a worker. */
export interface WorkerPort {
  postMessage(request: Request): void
  addEventListener(kind: 'message', receive: (message: { readonly data: Report }) => void): void
}

/** What the page asks its worker, and what it hears from it. */
export class WorkerLink {
  readonly summary = signal<Summary>(nothing)
  /** Why the server refuses this page. */
  readonly refusal = signal<string | undefined>(undefined)
  readonly #worker: WorkerPort
  readonly #handlers = new Map<Report['kind'], ((report: never) => void)[]>()

  constructor(worker: WorkerPort) {
    this.#worker = worker
    this.on('summary', ({ summary }) => {
      this.summary.value = summary
    })
    this.on('refused', ({ text }) => {
      this.refusal.value = text
    })
    worker.addEventListener('message', ({ data }) => {
      // The handler of a kind takes reports of that kind: `on` ensures it.
      for (const handle of this.#handlers.get(data.kind) ?? []) handle(data as never)
    })
  }

  ask(request: Request): void {
    this.#worker.postMessage(request)
  }

  /** Adds a receiver of the reports of a kind. */
  on<K extends Report['kind']>(kind: K, handle: (report: ReportOf<K>) => void): void {
    this.#handlers.set(kind, [...(this.#handlers.get(kind) ?? []), handle])
  }
}
