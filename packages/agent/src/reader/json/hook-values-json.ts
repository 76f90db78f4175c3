import type { DecodedArgument } from '@tetragon-ts/compiler/hooks'
import type { ByteWriter } from '../../bytes/byte-writer.ts'
import type { Header, Readable, ReadableValue } from './hook-reader.ts'

const none: readonly ReadableValue[] = []
const starts = { args: Buffer.from(',"args":['), data: Buffer.from(',"data":[') }

/**
 * Writes the arguments or data of an event, read at the entry and at the return.
 * @param again values that were unreadable at the entry and read again
 */
export function writeValues(
  out: ByteWriter,
  list: 'args' | 'data',
  enter: Readable,
  leave?: Readable,
  again?: Readable,
): void {
  const [early, late] = [enter[list], leave?.[list] ?? none]
  if (early.length + late.length === 0) return
  out.append(starts[list])
  // Both are in the order of their indexes.
  for (let i = 0, j = 0; i < early.length || j < late.length; ) {
    if (i + j > 0) out.byte(0x2c)
    const isLate = i === early.length || late[j]?.index < early[i].index
    if (isLate) writeValue(out, leave as Readable, late[j++])
    else writeEarly(out, enter, early[i++], again)
  }
  out.byte(0x5d)
}

/** Writes a value of the entry, or the value that was read again. */
function writeEarly(
  out: ByteWriter,
  enter: Readable,
  value: ReadableValue,
  again: Readable | undefined,
): void {
  const late = again && isUnreadable(enter.header, value.errors) ? again.args : none
  const found = late.find(({ index }) => index === value.index)
  if (again && found) writeValue(out, again, found)
  else writeValue(out, enter, value)
}

/** Writes a value, or the reason why there is none. */
export function writeValue(out: ByteWriter, from: Readable, value: ReadableValue): void {
  const { label } = value
  out.byte(0x7b)
  const step = failedStep(from, value)
  if (step >= 0) {
    const message = 'Bad address encountered during resolve dereference at depth'
    out.latin1(`"error_arg":{"Message":"${message} ${step}"}`)
  } else if (isUnreadable(from.header, value.errors)) {
    out.latin1('"error_arg":{"Message":"Bad address for basic type"}')
  } else {
    value.json(out, inPlace(from, value))
  }
  if (label.length > 0) out.append(label)
  out.byte(0x7d)
}

/** A value in its record; undefined if it could not be read. */
export function decodedValue(from: Readable, value: ReadableValue): DecodedArgument | undefined {
  const isLost = failedStep(from, value) >= 0 || isUnreadable(from.header, value.errors)
  return isLost ? undefined : inPlace(from, value)
}

function inPlace(record: Readable, { fields, tail, errors }: ReadableValue): DecodedArgument {
  const { memory, namesOf } = record
  const from = tail?.offset ?? 0
  const to = from + (tail?.length ?? 0)
  return { fields, bytes: memory.bytes, from, to, pieces: record.pieces?.get(errors), namesOf }
}

/** The first step of `resolve` that failed; -1 if none did. */
function failedStep({ fields }: Readable, { steps }: ReadableValue): number {
  return steps === undefined ? -1 : firstStep(fields, steps)
}

/** The first failed step; -1 if none failed. */
function firstStep(fields: Readonly<Record<string, number>>, name: string): number {
  const low = fields[`${name}Low`]
  const high = fields[`${name}High`]
  if (low !== 0) return 31 - Math.clz32(low & -low)
  return high === 0 ? -1 : 63 - Math.clz32(high & -high)
}

function isUnreadable(header: Header, bit: number): boolean {
  const word = bit < 32 ? header.unreadableLow : header.unreadableHigh
  return ((word >>> (bit & 31)) & 1) === 1
}
