import type { DecodedArgument } from '@tetragon-ts/compiler/hooks'
import type { ArgumentTypeName } from '@tetragon-ts/policy'
import type { ByteWriter } from '../../bytes/byte-writer.ts'

/** Removes secrets from a text of the process that the event is about. */
export type RedactText = (text: string) => string

type WriteValue = (out: ByteWriter, value: DecodedArgument) => void

/** Types of arguments that are memory of a process, not names of the kernel's objects. */
const dataTypes: ReadonlySet<ArgumentTypeName> = new Set<ArgumentTypeName>([
  ...(['string', 'char_buf', 'char_iovec', 'iov_iter', 'data_loc'] as const),
])

/** Writes a value like `json`, without secrets if it is data of a process. */
export function redactedJson(
  type: ArgumentTypeName,
  json: WriteValue,
  redact: RedactText | undefined,
): WriteValue {
  if (!redact || !dataTypes.has(type)) return json
  return (out, value) => {
    const { bytes, from, to, pieces } = value
    const data = Buffer.from(pieces ?? bytes.subarray(from, to))
    const text = data.toString()
    const shown = redact(text)
    if (shown === text) return json(out, value)
    // Bytes that are not UTF-8 are replacement characters in it.
    const rest = Buffer.from(shown)
    json(out, { ...value, bytes: rest, from: 0, to: rest.length, pieces: undefined })
  }
}
