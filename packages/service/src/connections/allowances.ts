/** A rate with a maximum that may come at once. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

interface Bucket {
  tokens: number
  /** Time of the last refill, in milliseconds. */
  at: number
}

/** Clients that are remembered: those of IPv6 can be any number. */
const clientsMax = 4096

/** What each client may still use of something: a token bucket per client. */
export class Allowances {
  readonly #rate: Rate
  readonly #now: () => number
  /** The client that used something last is last. */
  readonly #buckets = new Map<string, Bucket>()

  /** @param now milliseconds of a monotonic clock */
  constructor(rate: Rate, now = () => performance.now()) {
    this.#rate = rate
    this.#now = now
  }

  /**
   * Takes an amount, if the client has it.
   * @param amount at most the burst
   * @returns 0, or milliseconds until the client will have it
   */
  take(client: string, amount: number): number {
    const { perSecond, burst } = this.#rate
    const now = this.#now()
    const { tokens, at } = this.#buckets.get(client) ?? { tokens: burst, at: now }
    const filled = Math.min(burst, tokens + ((now - at) * perSecond) / 1000)
    const missing = amount - filled
    this.#buckets.delete(client)
    this.#buckets.set(client, { tokens: missing > 0 ? filled : filled - amount, at: now })
    if (this.#buckets.size > clientsMax) this.#forgetOldest()
    return missing > 0 ? Math.ceil((missing * 1000) / perSecond) : 0
  }

  #forgetOldest(): void {
    for (const client of this.#buckets.keys()) {
      this.#buckets.delete(client)
      return
    }
  }
}
