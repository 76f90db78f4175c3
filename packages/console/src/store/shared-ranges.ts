/** A part of bytes, `end` not included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Wire type of submessages, texts and bytes, in the low bits of a tag. */
const lengthDelimited = 2
/** Bytes of the other wire types; those of undefined ones cannot be skipped. */
const fixedSizes: Readonly<Record<number, number>> = { 1: 8, 5: 4 }
/** Minimum bytes of a range: shorter ones take less than what is kept about them. */
const sizeMin = 64
/** Ranges of the process and of its parent have these numbers in all kinds of events. */
const sharedFields = [1, 2]

/**
 * The parts of an event in wire form that other events have, too: its process and the parent. At
 * most two, in their order. They are within the bytes, whatever these are.
 */
export function sharedRanges(bytes: Uint8Array): ByteRange[] {
  for (const outer of submessages(bytes, { start: 0, end: bytes.length })) {
    const ranges = submessages(bytes, outer.range).filter(
      ({ field, range }) => sharedFields.includes(field) && range.end - range.start >= sizeMin,
    )
    if (ranges.length > 0) return ranges.slice(0, 2).map(({ range }) => range)
  }
  return []
}

/** The length-delimited fields in a range, as far as it is a message. */
function submessages(bytes: Uint8Array, { start, end }: ByteRange) {
  const found: { readonly field: number; readonly range: ByteRange }[] = []
  let at = start
  const varint = (): number => {
    let value = 0
    for (let scale = 1; at < end; scale *= 128) {
      const byte = bytes[at++]
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    return Number.POSITIVE_INFINITY
  }
  while (at < end) {
    const tag = varint()
    const type = tag % 8
    if (type === 0) varint()
    else if (type === lengthDelimited) {
      const length = varint()
      if (length > end - at) break
      found.push({ field: Math.floor(tag / 8), range: { start: at, end: at + length } })
      at += length
    } else if (fixedSizes[type] === undefined) break
    else at += fixedSizes[type]
  }
  return found
}
