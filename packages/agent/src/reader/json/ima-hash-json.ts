import type { ByteWriter } from '../../bytes/byte-writer.ts'
import type { Tail } from './hook-reader.ts'

/** Names and bytes of digests by `enum hash_algo`: crypto/hash_info.c. */
const algorithms: readonly (readonly [name: string, size: number])[] = [
  ['md4', 16],
  ['md5', 16],
  ['sha1', 20],
  ['rmd160', 20],
  ['sha256', 32],
  ['sha384', 48],
  ['sha512', 64],
  ['sha224', 28],
  ['rmd128', 16],
  ['rmd256', 32],
  ['rmd320', 40],
  ['wp256', 32],
  ['wp384', 48],
  ['wp512', 64],
  ['tgr128', 16],
  ['tgr160', 20],
  ['tgr192', 24],
  ['sm3', 32],
  ['streebog256', 32],
  ['streebog512', 64],
  ['sha3-256', 32],
  ['sha3-384', 48],
  ['sha3-512', 64],
]

/**
 * Writes `,"ima_hash":"sha256:…"`: the algorithm and the digest in hexadecimal; nothing without
 * a hash of IMA.
 * @param tail the number of the algorithm, followed by the digest
 */
export function writeImaHash(out: ByteWriter, { offset, length }: Tail, bytes: Uint8Array): void {
  if (length === 0) return
  const from = offset + 1
  const [name, size] = algorithms[bytes[offset]] ?? [`${bytes[offset]}`, length - 1]
  const digest = Buffer.from(bytes.subarray(from, from + size)).toString('hex')
  out.latin1(`,"ima_hash":"${name}:${digest}"`)
}
