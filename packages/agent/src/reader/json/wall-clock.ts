import type { ByteWriter } from '../../bytes/byte-writer.ts'

const billion = 1_000_000_000
/** 2^32 ns = 4 s + this many ns. */
const highRest = 294_967_296

/** Converts boot times to RFC 3339. The date is formatted once per second. */
export class WallClock {
  #epochSeconds = 0
  #epochNanoseconds = 0
  #second = -1
  #prefix: Uint8Array = Buffer.alloc(0)

  /** @param bootEpochNs wall-clock time of the boot */
  constructor(bootEpochNs: bigint) {
    this.set(bootEpochNs)
  }

  /** Updates the relation between the clocks: call it periodically. */
  set(bootEpochNs: bigint): void {
    this.#epochSeconds = Number(bootEpochNs / BigInt(billion))
    this.#epochNanoseconds = Number(bootEpochNs % BigInt(billion))
  }

  /** Milliseconds since 1970 of a time in nanoseconds since boot, given as its halves. */
  milliseconds(high: number, low: number): number {
    const rest = high * highRest + low + this.#epochNanoseconds
    return (this.#epochSeconds + high * 4) * 1000 + Math.floor(rest / 1_000_000)
  }

  /**
   * Writes a time in nanoseconds since boot, given as the halves of the 64-bit number, in protobuf
   * JSON form: no fraction, or one of 3, 6 or 9 digits.
   */
  write(out: ByteWriter, high: number, low: number): void {
    // Exact: high is below 2^21 for any uptime, so all numbers here are below 2^53. The operator %
    // is slow for numbers beyond 32 bits.
    const rest = high * highRest + low + this.#epochNanoseconds
    const wholeSeconds = Math.floor(rest / billion)
    const seconds = this.#epochSeconds + high * 4 + wholeSeconds
    const nanoseconds = (rest - wholeSeconds * billion) | 0
    if (seconds !== this.#second) {
      this.#second = seconds
      this.#prefix = Buffer.from(new Date(seconds * 1000).toISOString().slice(0, 19))
    }
    out.append(this.#prefix)
    if (nanoseconds > 0) {
      out.byte(0x2e) // .
      if (nanoseconds % 1_000_000 === 0) out.digits(nanoseconds / 1_000_000, 3)
      else if (nanoseconds % 1000 === 0) out.digits(nanoseconds / 1000, 6)
      else out.digits(nanoseconds, 9)
    }
    out.byte(0x5a) // Z
  }
}
