import type { WorkerPort } from '../page/worker-link.ts'
import type { Report, Request } from '../worker/protocol.ts'

/** Stands for the worker of the page: it reports what a test says. */
export class WorkerDouble implements WorkerPort {
  readonly asked: Request[] = []
  #receive: (message: { readonly data: Report }) => void = () => {}

  postMessage(request: Request): void {
    this.asked.push(request)
  }

  addEventListener(_: 'message', receive: (message: { readonly data: Report }) => void): void {
    this.#receive = receive
  }

  report(data: Report): void {
    this.#receive({ data })
  }
}
