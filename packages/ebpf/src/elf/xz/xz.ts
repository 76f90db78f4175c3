import { LzmaDataError } from './lzma.ts'
import { Lzma2Decoder } from './lzma2.ts'

const magic = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]
/** Bytes of a check, by its number: none, CRC32, CRC64, SHA-256. */
const checkSizes: Readonly<Record<number, number>> = { 0: 0, 1: 4, 4: 8, 10: 32 }
/** The filter ID of LZMA2, the only filter of mini debug info. */
const lzma2 = 0x21

/**
 * Unpacks an .xz file (version 1.0 of the format) with the filter LZMA2. Checksums are not
 * compared: the contents are checked when they are used. Takes about 250 ms per MiB.
 *
 * @param limit maximum number of bytes in the output
 * @throws LzmaDataError for damaged input, other filters, and output beyond the limit
 */
export function unpackXz(input: Uint8Array, limit: number): Uint8Array {
  if (magic.some((byte, index) => input[index] !== byte)) throw new LzmaDataError('not an xz file')
  const checkSize = checkSizes[input[7]]
  if (checkSize === undefined) throw new LzmaDataError('unknown checksum')
  const decoder = new Lzma2Decoder()
  const parts: Uint8Array[] = []
  let length = 0
  let at = 12
  // A zero in place of a block's header size begins the index.
  while (input[at] !== 0) {
    const start = readBlockHeader(input, at)
    const { bytes, end } = decoder.decode(input, start, limit - length)
    parts.push(bytes)
    length += bytes.length
    at += Math.ceil((end - at) / 4) * 4 + checkSize
  }
  return parts.length === 1 ? parts[0] : Buffer.concat(parts)
}

/** Checks the header of a block, and returns where its data begins. */
function readBlockHeader(input: Uint8Array, at: number): number {
  const end = at + (input[at] + 1) * 4
  if (!(end <= input.length)) throw new LzmaDataError('data is truncated')
  const flags = input[at + 1]
  const filters = (flags & 3) + 1
  let next = at + 2
  const sizes = ((flags >> 6) & 1) + ((flags >> 7) & 1)
  for (let i = 0; i < sizes; i++) {
    // A number of variable length: all bytes but the last have the highest bit.
    while (next < end && input[next] >= 0x80) next++
    next++
  }
  if (filters !== 1 || input[next] !== lzma2) throw new LzmaDataError('unsupported filter')
  return end
}
