const lengthPrefix = 5
const none: Buffer = Buffer.alloc(0)

/** Finds the messages in a gRPC stream that arrives in chunks of any size. */
export class MessageScanner {
  readonly #onMessage: (data: Buffer, from: number, to: number) => void
  #rest = none

  /**
   * @param onMessage receives the position of each message, in memory that is valid during the call
   */
  constructor(onMessage: (data: Buffer, from: number, to: number) => void) {
    this.#onMessage = onMessage
  }

  add(piece: Buffer): void {
    const data = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece])
    let at = 0
    while (data.length - at >= lengthPrefix) {
      const from = at + lengthPrefix
      const to = from + data.readUInt32BE(at + 1)
      if (to > data.length) break
      this.#onMessage(data, from, to)
      at = to
    }
    this.#rest = at === data.length ? none : data.subarray(at)
  }
}
