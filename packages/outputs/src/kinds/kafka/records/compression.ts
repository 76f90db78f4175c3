import { promisify } from 'node:util'
import * as zlib from 'node:zlib'

type Compress = (bytes: Uint8Array) => Promise<Buffer>

/** In Node.js 22.15, 23.8 and later. */
const { zstdCompress } = zlib as { readonly zstdCompress?: typeof zlib.gzip }

/** Compression of the records of a batch: the number in its attributes, and the function. */
export const compressions = {
  none: { number: 0, compress: async (bytes: Uint8Array) => bytes as Buffer },
  gzip: { number: 1, compress: promisify(zlib.gzip) as Compress },
  zstd: { number: 4, compress: zstdCompress && (promisify(zstdCompress) as Compress) },
} as const

export type CompressionName = keyof typeof compressions
