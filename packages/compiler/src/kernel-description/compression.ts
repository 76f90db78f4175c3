// Compression in zlib's format with web streams, which Node.js and browsers have.

import { joinBytes } from '../hook/byte-string.ts'

/** @throws SizeError beyond `max` bytes, Error if bytes are broken, missing or too many */
export async function inflate(bytes: Uint8Array, max: number): Promise<Uint8Array> {
  const content = await decompress(bytes, max)
  // Browsers refuse bytes after the end of the compressed content; Node.js 20 ignores them.
  // Without its last byte, content that ends with the file is incomplete.
  const ends = await decompress(bytes.subarray(0, -1), max).then(
    () => false,
    () => true,
  )
  if (!ends) throw new Error('it has bytes after its compressed content')
  return content
}

function decompress(bytes: Uint8Array, max: number): Promise<Uint8Array> {
  return through(new DecompressionStream('deflate'), bytes, max)
}

/** Equal bytes become equal bytes, in the same version of Node.js. */
export function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  return through(new CompressionStream('deflate'), bytes, Number.POSITIVE_INFINITY)
}

/** More bytes than permitted. */
export class SizeError extends Error {}

async function through(
  { readable, writable }: CompressionStream | DecompressionStream,
  bytes: Uint8Array,
  max: number,
): Promise<Uint8Array> {
  const writer = writable.getWriter()
  // The reader gets the same error.
  const ignore = (): void => {}
  writer.write(bytes as Uint8Array<ArrayBuffer>).catch(ignore)
  writer.close().catch(ignore)
  const reader = readable.getReader()
  const parts: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > max) {
      await reader.cancel().catch(ignore)
      throw new SizeError(`more than ${max} bytes`)
    }
    parts.push(value)
  }
  return joinBytes(...parts)
}
