import type { Socket } from 'node:net'

/** Aborted when a client is gone, or the server ends. A response alone may never be closed. */
export class ClientSignal implements Disposable {
  readonly signal: AbortSignal
  readonly #gone = new AbortController()
  readonly #socket: Socket
  readonly #onClose = (): void => this.#gone.abort()

  constructor(socket: Socket, end: AbortSignal) {
    this.#socket = socket
    this.signal = AbortSignal.any([this.#gone.signal, end])
    if (socket.destroyed) this.#gone.abort()
    else socket.once('close', this.#onClose)
  }

  [Symbol.dispose](): void {
    this.#socket.off('close', this.#onClose)
  }
}
