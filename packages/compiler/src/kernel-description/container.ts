import { byteString, joinBytes } from '../hook/byte-string.ts'
import { deflate, inflate, SizeError } from './compression.ts'
import { KernelFileError } from './error.ts'

/** The first bytes of a file with a description, and the version of its format. */
const magic = 'tetragon kernel\n'
const formatVersion = 1

/** Maximum size of a file, and of its content: a Debian kernel needs 3 MB, and 12 MB. */
export const fileMax = 8 << 20
export const contentMax = 48 << 20
const partsMax = 64
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Named parts of a file. */
export type Parts = ReadonlyMap<string, Uint8Array>

/**
 * One file of named parts: the magic, the version, and compressed with zlib, which has a checksum:
 * the length of a JSON table `[[NAME, LENGTH], …]`, the table, and the parts. Equal parts always
 * have the same content.
 */
export async function packParts(parts: Parts): Promise<Uint8Array> {
  const lengths = [...parts].map(([name, { length }]) => [name, length] as const)
  const table = encoder.encode(JSON.stringify(lengths))
  const head = new Uint8Array(4)
  new DataView(head.buffer).setUint32(0, table.length, true)
  const content = joinBytes(head, table, ...parts.values())
  const start = encoder.encode(magic)
  return joinBytes(start, Uint8Array.of(formatVersion), await deflate(content))
}

/** The parts of a file. @param max size of its content @throws KernelFileError */
export async function unpackParts(file: Uint8Array, max = contentMax): Promise<Parts> {
  if (file.length > fileMax) {
    const reason = `${file.length} bytes, more than ${fileMax}`
    throw new KernelFileError('KERNEL_FILE_SIZE', `read description: ${reason}`)
  }
  const start = magic.length + 1
  if (file.length < start || byteString(file.subarray(0, magic.length)) !== magic) {
    throw broken('it is not a file of tetragon kernel describe')
  }
  const version = file[magic.length]
  if (version !== formatVersion) {
    const message = `read description: format ${version}; this version knows ${formatVersion}`
    throw new KernelFileError('KERNEL_FILE_VERSION', message)
  }
  return partsOf(await inflated(file.subarray(start), max))
}

async function inflated(bytes: Uint8Array, max: number): Promise<Uint8Array> {
  try {
    return await inflate(bytes, max)
  } catch (cause) {
    if (cause instanceof SizeError) {
      const message = `read description: its content has ${cause.message}`
      throw new KernelFileError('KERNEL_FILE_SIZE', message, { cause })
    }
    throw broken(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function partsOf(content: Uint8Array): Parts {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
  const start = 4 + (content.length < 4 ? 0 : view.getUint32(0, true))
  if (start > content.length || start > 1 << 16) throw broken('its table of parts is incomplete')
  const parts = new Map<string, Uint8Array>()
  let at = start
  for (const [name, length] of readTable(decoder.decode(content.subarray(4, start)))) {
    if (at + length > content.length) throw broken(`its part ${name} is incomplete`)
    parts.set(name, content.subarray(at, at + length))
    at += length
  }
  if (at !== content.length) throw broken('it has bytes after its last part')
  return parts
}

function readTable(text: string): readonly (readonly [string, number])[] {
  let table: unknown
  try {
    table = JSON.parse(text)
  } catch (cause) {
    throw broken('its table of parts is not JSON', cause)
  }
  if (!Array.isArray(table) || table.length > partsMax)
    throw broken('it has a wrong table of parts')
  return table.map((row: unknown) => {
    const [name, length] = Array.isArray(row) ? (row as readonly unknown[]) : []
    if (typeof name !== 'string' || !/^[\w.:-]{1,80}$/.test(name) || !isLength(length)) {
      throw broken('its table of parts has a wrong row')
    }
    return [name, length] as const
  })
}

function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** The error for a file with invalid content. */
export function broken(reason: string, cause?: unknown): KernelFileError {
  return new KernelFileError('KERNEL_FILE', `read description: ${reason}`, { cause })
}
