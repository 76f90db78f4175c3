/** The size of addresses in a file. */
export type ElfBits = 64 | 32

/** Little-endian numbers in a part of a file. Callers check the range. */
export class Fields {
  readonly bytes: Uint8Array
  readonly length: number
  /** Bytes of an address. */
  readonly wordSize: 4 | 8
  readonly #view: DataView

  constructor(bytes: Uint8Array, bits: ElfBits) {
    this.bytes = bytes
    this.length = bytes.length
    this.wordSize = bits === 64 ? 8 : 4
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  u16(at: number): number {
    return this.#view.getUint16(at, true)
  }

  u32(at: number): number {
    return this.#view.getUint32(at, true)
  }

  i32(at: number): number {
    return this.#view.getInt32(at, true)
  }

  /**
   * 64 bits. `Infinity` from 2^53 on: no file is that long, and user space has no such address, so
   * every check of a range refuses it.
   */
  u64(at: number): number {
    const value = this.u32(at) + this.u32(at + 4) * 2 ** 32
    return value <= Number.MAX_SAFE_INTEGER ? value : Number.POSITIVE_INFINITY
  }

  /** An address, offset or size: as long as the file's addresses. */
  word(at: number): number {
    return this.wordSize === 8 ? this.u64(at) : this.u32(at)
  }
}
