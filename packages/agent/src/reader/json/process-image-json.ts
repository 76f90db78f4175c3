import { posix } from 'node:path'
import type { ByteWriter } from '../../bytes/byte-writer.ts'

/** A range of bytes from outside. */
export interface Text {
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
}

export const noText: Text = { bytes: new Uint8Array(), from: 0, to: 0 }

/** All of these bytes. */
export function wholeText(bytes: Uint8Array): Text {
  return { bytes, from: 0, to: bytes.length }
}

const deleted = Buffer.from(' (deleted)')
const slash = 0x2f
const blank = 0x20

/** Redacts parts of an image. */
export interface Redactor {
  redactImage(image: string, args: Text): string
}

/** JSON fields cwd, binary and arguments; the end of the event buffer serves as scratch space. */
export function imageJson(
  { out, redaction }: { readonly out: ByteWriter; readonly redaction?: Redactor | undefined },
  cwd: Text,
  binary: Text,
  args: Text,
  cwdDeleted: boolean,
): string {
  const from = out.length
  out.latin1(',"cwd":"')
  writeCwd(out, cwd, cwdDeleted)
  out.latin1('","binary":"')
  if (binary.to > binary.from && binary.bytes[binary.from] !== slash) {
    const joined = joinPaths(cwd, binary)
    out.jsonText(joined, 0, joined.length)
  } else {
    out.jsonText(binary.bytes, binary.from, binary.to)
  }
  const beforeArguments = out.length
  out.latin1('","arguments":"')
  const argumentsStart = out.length
  writeArguments(out, args.bytes, args.from, args.to)
  if (out.length === argumentsStart) out.length = beforeArguments
  out.byte(0x22)
  const image = out.latin1Since(from)
  out.length = from
  return redaction ? redaction.redactImage(image, args) : image
}

function writeCwd(out: ByteWriter, cwd: Text, isDeleted: boolean): void {
  if (cwd.from === cwd.to) out.byte(slash)
  else out.jsonText(cwd.bytes, cwd.from, cwd.to)
  if (isDeleted) out.jsonText(deleted, 0, deleted.length)
}

/** The full path of a program that was executed by a relative path. Rare, so it may allocate. */
function joinPaths(directory: Text, path: Text): Uint8Array {
  const [base, name] = [directory, path].map(({ bytes, from, to }) =>
    Buffer.from(bytes.subarray(from, to)).toString('latin1'),
  )
  return Buffer.from(posix.join('/', base, name), 'latin1')
}

/**
 * Writes an argument vector as the content of the JSON string `arguments`: joined by blanks, with
 * arguments that contain a blank in quotes (see joinArguments), without argv[0].
 * @param source argv as execve stores it: each argument followed by a zero byte
 */
export function writeArguments(
  out: ByteWriter,
  source: Uint8Array,
  from: number,
  to: number,
): void {
  let start = endOfArgument(source, from, to) + 1
  const begin = out.length
  while (start < to) {
    const end = endOfArgument(source, start, to)
    if (hasBlank(source, start, end)) {
      out.latin1(' \\"')
      out.jsonText(source, start, end)
      out.latin1('\\"')
    } else {
      if (out.length > begin) out.byte(blank)
      out.jsonText(source, start, end)
    }
    start = end + 1
  }
}

function endOfArgument(source: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to && source[at] !== 0) at++
  return at
}

function hasBlank(source: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (source[at] === blank) return true
  return false
}
