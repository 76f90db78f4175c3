import type { RecordType } from '@tetragon-ts/ebpf/records'

/** Values by field; missing ones are 0 or empty. */
export interface FieldValues {
  readonly [field: string]: number | bigint | readonly number[] | string | FieldValues
}

/** A record as programs send it: the fixed part, followed by the tails. */
export function recordBytes(type: RecordType, values: FieldValues): Uint8Array {
  const tails: Uint8Array[] = []
  const fixed = Buffer.alloc(type.size)
  const view = new DataView(fixed.buffer, fixed.byteOffset, fixed.length)
  for (const field of type.tails) {
    const bytes = Buffer.from(String(values[field.name] ?? ''))
    view.setUint32(field.offset, bytes.length, true)
    tails.push(bytes)
  }
  writeFixed(type, values, view, 0)
  return Buffer.concat([fixed, ...tails])
}

function writeFixed(type: RecordType, values: FieldValues, view: DataView, from: number): void {
  for (const { name, offset, type: field } of type.fields) {
    const value = values[name]
    const at = from + offset
    if (field.kind === 'record') {
      writeFixed(field, (value ?? {}) as FieldValues, view, at)
    } else if (field.kind === 'array') {
      const given = (value ?? []) as readonly number[]
      const zeros = Array<number>(field.length).fill(0)
      field.encode([...given, ...zeros].slice(0, field.length), view, at)
    } else if (field.kind === 'scalar' && value !== undefined) {
      const wide = field.size === 8 ? BigInt(value as number | bigint) : Number(value)
      field.encode(wide, view, at)
    }
  }
}
