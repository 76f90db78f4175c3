import type { ByteWriter } from './byte-writer.ts'

const equals = 0x3d

/**
 * Writes an environment as the JSON field `environment_variables`, a comma before it; nothing if it
 * is empty. What has no `=` in it has the key `invalid`.
 * @param source the environment as execve leaves it: each variable followed by a zero byte
 */
export function writeEnvironment(
  out: ByteWriter,
  source: Uint8Array,
  from: number,
  to: number,
): void {
  if (from >= to) return
  out.latin1(',"environment_variables":[')
  for (let start = from; start < to; ) {
    const end = endOf(0, source, start, to)
    const keyEnd = endOf(equals, source, start, end)
    if (start > from) out.byte(0x2c)
    out.latin1('{"Key":"')
    if (keyEnd < end) out.jsonText(source, start, keyEnd)
    else out.latin1('invalid')
    out.latin1('","Value":"')
    out.jsonText(source, keyEnd < end ? keyEnd + 1 : start, end)
    out.latin1('"}')
    start = end + 1
  }
  out.byte(0x5d)
}

/** The place of a byte, or the end. */
function endOf(byte: number, source: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to && source[at] !== byte) at++
  return at
}
