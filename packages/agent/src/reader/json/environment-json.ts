import type { ByteWriter } from '../../bytes/byte-writer.ts'

const equals = 0x3d

/** Which environment variables to include. */
export interface EnvironmentRules {
  /** Names of the variables to show; undefined: all. */
  readonly names?: ReadonlySet<string> | undefined
  /** Redacts a variable, `NAME=value`; the same text if it has no secret. */
  readonly redact?: ((variable: string) => string) | undefined
}

const everything: EnvironmentRules = {}

/**
 * Writes an environment as the JSON field `environment_variables`, with a leading comma; nothing if
 * it is empty. Entries without `=` have the key `invalid`.
 * @param source the environment as execve stores it: each variable followed by a zero byte
 */
export function writeEnvironment(
  out: ByteWriter,
  source: Uint8Array,
  from: number,
  to: number,
  { names, redact }: EnvironmentRules = everything,
): void {
  const before = out.length
  out.latin1(',"environment_variables":[')
  const first = out.length
  for (let start = from; start < to; ) {
    const end = endOf(0, source, start, to)
    const keyEnd = endOf(equals, source, start, end)
    if (names === undefined || names.has(textOf(source, start, keyEnd))) {
      if (out.length > first) out.byte(0x2c)
      const text = redact && textOf(source, start, end)
      const shown = text === undefined ? undefined : redact?.(text)
      if (shown === text) writeVariable(out, source, start, keyEnd, end)
      else writeText(out, Buffer.from(shown ?? ''))
    }
    start = end + 1
  }
  if (out.length === first) out.length = before
  else out.byte(0x5d)
}

function writeText(out: ByteWriter, variable: Buffer): void {
  writeVariable(out, variable, 0, endOf(equals, variable, 0, variable.length), variable.length)
}

function writeVariable(
  out: ByteWriter,
  source: Uint8Array,
  start: number,
  keyEnd: number,
  end: number,
): void {
  out.latin1('{"Key":"')
  if (keyEnd < end) out.jsonText(source, start, keyEnd)
  else out.latin1('invalid')
  out.latin1('","Value":"')
  out.jsonText(source, keyEnd < end ? keyEnd + 1 : start, end)
  out.latin1('"}')
}

function textOf(source: Uint8Array, from: number, to: number): string {
  return Buffer.from(source.buffer, source.byteOffset + from, to - from).toString('utf8')
}

/** Index of a byte, or the end. */
function endOf(byte: number, source: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to && source[at] !== byte) at++
  return at
}
