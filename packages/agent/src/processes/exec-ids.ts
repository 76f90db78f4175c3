import { ByteWriter } from '../bytes/byte-writer.ts'

const colon = 0x3a
const twoTo21 = 1 << 21

/** Writes exec ids, base64 of `<node>:<ktime>:<pid>`, without intermediate strings. */
export class ExecIds {
  readonly #text = new ByteWriter()
  readonly #prefixLength: number

  constructor(nodeName: string) {
    this.#text.latin1(Buffer.from(`${nodeName}:`).toString('latin1'))
    this.#prefixLength = this.#text.length
  }

  /** @param high, low halves of the image's start in nanoseconds after boot */
  format(high: number, low: number, pid: number): string {
    const text = this.#text
    text.length = this.#prefixLength
    // Numbers are exact up to 2^53 ns, 104 days; beyond that the slower bigint is used.
    if (high < twoTo21) text.decimal(high * 0x1_0000_0000 + low)
    else text.latin1(((BigInt(high) << 32n) | BigInt(low)).toString())
    text.byte(colon)
    text.decimal(pid)
    return text.bytes.toString('base64', 0, text.length)
  }
}
