/** How much waits for one client. */
export interface QueueLimits {
  readonly events: number
  readonly bytes: number
}

/** Messages that wait for one client. What does not fit is counted, never kept. */
export class ClientQueue {
  readonly #limits: QueueLimits
  readonly #waiting: Buffer[] = []
  /** Messages before this one have been taken. */
  #first = 0
  #bytes = 0
  #lost = 0

  constructor(limits: QueueLimits) {
    this.#limits = limits
  }

  get length(): number {
    return this.#waiting.length - this.#first
  }

  /** Appends a message. @returns false if there was no room: it is lost then */
  push(message: Buffer): boolean {
    const { events, bytes } = this.#limits
    // After a loss a good part must be free again, or each message would be followed by a notice.
    const isFull = this.#lost > 0 ? this.length > events / 2 : this.length >= events
    if (isFull || (this.length > 0 && this.#bytes + message.length > bytes)) {
      this.#lost++
      return false
    }
    this.append(message)
    return true
  }

  /** Appends a message whether or not there is room, such as the notice of a loss. */
  append(message: Buffer): void {
    this.#waiting.push(message)
    this.#bytes += message.length
  }

  /** Counts events that were lost before they came here. */
  addLost(count: number): void {
    this.#lost += count
  }

  /** Takes the oldest message. */
  shift(): Buffer | undefined {
    if (this.#first === this.#waiting.length) return undefined
    const message = this.#waiting[this.#first]
    this.#bytes -= message.length
    if (++this.#first > 1024 && this.#first * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#first)
      this.#first = 0
    } else if (this.#first === this.#waiting.length) {
      this.#waiting.length = 0
      this.#first = 0
    }
    return message
  }

  /** What was lost since the last call, once there is room to say so; zero before. */
  takeLost(): number {
    if (this.#lost === 0 || this.length > this.#limits.events / 2) return 0
    const lost = this.#lost
    this.#lost = 0
    return lost
  }
}
