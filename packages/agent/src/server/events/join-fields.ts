/** A field that holds a message whose bytes are at hand. */
export interface WireField {
  readonly number: number
  /** The message in two pieces. */
  readonly head: Buffer
  readonly tail: Buffer
}

const delimited = 2

function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}

function writeVarint(out: Buffer, at: number, value: number): number {
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out[at++] = (rest & 0x7f) | 0x80
  out[at++] = rest
  return at
}

function tagOf(number: number): number {
  return number * 8 + delimited
}

function lengthOf({ head, tail }: WireField): number {
  return head.length + tail.length
}

function sizeOf(field: WireField): number {
  const length = lengthOf(field)
  return varintSize(tagOf(field.number)) + varintSize(length) + length
}

/**
 * Puts an event together from finished pieces: `{ number: { …fields, …body }, …envelope }`. In
 * protobuf the fields of a message may come in any order, so messages are joined by joining bytes.
 */
export function joinFields(
  number: number,
  fields: readonly WireField[],
  body: Buffer,
  envelope: Buffer,
): Buffer {
  let length = body.length
  for (const field of fields) length += sizeOf(field)
  const head = varintSize(tagOf(number)) + varintSize(length)
  const out = Buffer.allocUnsafe(head + length + envelope.length)
  let at = writeVarint(out, writeVarint(out, 0, tagOf(number)), length)
  for (const field of fields) {
    at = writeVarint(out, writeVarint(out, at, tagOf(field.number)), lengthOf(field))
    out.set(field.head, at)
    out.set(field.tail, at + field.head.length)
    at += lengthOf(field)
  }
  out.set(body, at)
  out.set(envelope, at + body.length)
  return out
}
