import { LzmaDataError, LzmaDecoder, type LzmaProperties } from './lzma.ts'

/** Decoded data, and where its input ended. */
export interface Decoded {
  readonly bytes: Uint8Array
  readonly end: number
}

/**
 * Maximum number of blocks and state resets in a file, together. Each reset refills 28 KB, although
 * its chunk may have only 11 bytes. Encoders reset the state at the start of a block and after
 * uncompressed chunks, which have up to 64 KiB.
 */
const resetsMax = 4096

/** Decodes the LZMA2 data of all blocks of a file; counts their resets together. */
export class Lzma2Decoder {
  #decoder: LzmaDecoder | undefined
  #resets = 0

  /**
   * Decodes a sequence of chunks, each compressed or not, up to the end marker.
   *
   * @param at offset of the first chunk in the input
   * @param limit maximum number of bytes in the output
   * @throws LzmaDataError
   */
  decode(input: Uint8Array, at: number, limit: number): Decoded {
    let output = new Uint8Array(0)
    let [length, start] = [0, 0]
    let decoder: LzmaDecoder | undefined
    let properties: LzmaProperties | undefined
    const reserve = (count: number): void => {
      if (length + count > limit) throw new LzmaDataError('more data than allowed')
      if (length + count <= output.length) return
      const larger = new Uint8Array(Math.min(limit, Math.max(length + count, output.length * 2)))
      larger.set(output.subarray(0, length))
      output = larger
    }
    this.#countReset()
    for (;;) {
      const control = byteAt(input, at)
      if (control === 0) return { bytes: output.subarray(0, length), end: at + 1 }
      const low = byteAt(input, at + 1) * 256 + byteAt(input, at + 2) + 1
      if (control < 0x80) {
        if (control > 2) throw new LzmaDataError('unknown kind of chunk')
        if (control === 1) start = length
        if (at + 3 + low > input.length) throw new LzmaDataError('chunk is truncated')
        reserve(low)
        output.set(input.subarray(at + 3, at + 3 + low), length)
        length += low
        at += 3 + low
        continue
      }
      const size = (control & 0x1f) * 65536 + low
      const packed = byteAt(input, at + 3) * 256 + byteAt(input, at + 4) + 1
      const reset = (control >> 5) & 3
      at += 5
      if (reset === 3) start = length
      if (reset >= 2) properties = readProperties(byteAt(input, at++))
      if (reset >= 1 && properties !== undefined) decoder = this.#restart(properties)
      if (decoder === undefined) throw new LzmaDataError('chunk without properties')
      if (at + packed > input.length) throw new LzmaDataError('chunk is truncated')
      reserve(size)
      const end = decoder.decode(input, at, output, { start, from: length, to: length + size })
      if (end !== at + packed)
        throw new LzmaDataError('compressed size of the chunk does not match')
      length += size
      at += packed
    }
  }

  /** A decoder in its initial state. */
  #restart(properties: LzmaProperties): LzmaDecoder {
    this.#countReset()
    if (!this.#decoder?.reset(properties)) this.#decoder = new LzmaDecoder(properties)
    return this.#decoder
  }

  #countReset(): void {
    if (++this.#resets > resetsMax) throw new LzmaDataError('more blocks or resets than allowed')
  }
}

function byteAt(input: Uint8Array, at: number): number {
  const byte = input[at]
  if (byte === undefined) throw new LzmaDataError('data is truncated')
  return byte
}

function readProperties(byte: number): LzmaProperties {
  const [lc, lp, pb] = [byte % 9, Math.floor(byte / 9) % 5, Math.floor(byte / 45)]
  if (byte > 224 || lc + lp > 4) throw new LzmaDataError('invalid properties')
  return { lc, lp, pb }
}
