import type { ByteWriter } from '../../bytes/byte-writer.ts'
import type { Header, Readable, ReadableValue } from './hook-reader.ts'

const none: readonly ReadableValue[] = []

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
  out.latin1(`,"${list}":[`)
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
  const { fields, tail, label } = value
  const { bytes } = from.memory
  out.byte(0x7b)
  const step = value.steps === undefined ? -1 : firstStep(from.fields, value.steps)
  if (step >= 0) {
    const message = 'Bad address encountered during resolve dereference at depth'
    out.latin1(`"error_arg":{"Message":"${message} ${step}"}`)
  } else if (isUnreadable(from.header, value.errors)) {
    out.latin1('"error_arg":{"Message":"Bad address for basic type"}')
  } else {
    const start = tail?.offset ?? 0
    const pieces = from.pieces?.get(value.errors)
    value.json(out, { fields, bytes, from: start, to: start + (tail?.length ?? 0), pieces })
  }
  out.latin1(label)
  out.byte(0x7d)
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
