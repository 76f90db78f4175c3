/** Castagnoli's polynomial, reversed. */
const polynomial = 0x82f63b78
const slices = 8
/** Tables of Intel's slicing-by-8: eight bytes of the input for each step. */
const tables = makeTables()

function makeTables(): Uint32Array {
  const made = new Uint32Array(256 * slices)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0)
    made[byte] = crc
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256]
    made[at] = (before >>> 8) ^ made[before & 0xff]
  }
  return made
}

/** The checksum of record batches; node:zlib has another polynomial. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  let at = 0
  for (const end = bytes.length - (bytes.length % 8); at < end; at += 8) {
    crc ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
    crc =
      tables[1792 + (crc & 0xff)] ^
      tables[1536 + ((crc >>> 8) & 0xff)] ^
      tables[1280 + ((crc >>> 16) & 0xff)] ^
      tables[1024 + (crc >>> 24)] ^
      tables[768 + bytes[at + 4]] ^
      tables[512 + bytes[at + 5]] ^
      tables[256 + bytes[at + 6]] ^
      tables[bytes[at + 7]]
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]) & 0xff]
  return ~crc >>> 0
}
