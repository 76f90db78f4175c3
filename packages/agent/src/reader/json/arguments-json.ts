import type { ByteWriter } from '../../bytes/byte-writer.ts'

const blank = 0x20

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
