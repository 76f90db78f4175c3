import { RequestError } from '../../request-error.ts'

/** A stream, whatever its messages are. */
interface OpenCall {
  end(): void
  on(event: 'close', listener: () => void): unknown
}

/** Maximum number of open streams of one kind: each has a timer until the client ends it. */
const callsMax = 128

/** Open streams, which end with the server. */
export class OpenCalls {
  readonly #calls = new Set<OpenCall>()

  /** @throws RequestError if too many are open */
  add(call: OpenCall): void {
    if (this.#calls.size >= callsMax) {
      throw new RequestError('exhausted', `watch: ${callsMax} watches are open; end others`)
    }
    this.#calls.add(call)
    call.on('close', () => this.#calls.delete(call))
  }

  close(): void {
    for (const call of this.#calls) call.end()
  }
}
