import type { EnumType, Field, MessageType } from '../message.ts'
import { codecOf } from './codec.ts'
import { JsonText, type PreencodedObjects } from './json-text.ts'
import { NameTable } from './name-table.ts'
import { ProtobufError } from './protobuf-error.ts'
import { plainNanos, plainSeconds } from './timestamp-text.ts'
import type { WireBuffer } from './wire-buffer.ts'

const quote = 0x22
const colon = 0x3a
const comma = 0x2c
const openBrace = 0x7b
const closeBrace = 0x7d
const openList = 0x5b
const closeList = 0x5d
const letterN = 0x6e
/** Wire type of delimited fields. */
const delimited = 2
const letterT = 0x74

/** Reads the value of a field from the text and writes the field. */
type ReadField = (text: JsonText, out: WireBuffer) => void

interface Message {
  fields: NameTable<ReadField>
}

/**
 * Converts the JSON of a message to protobuf without creating objects: several times faster than
 * parsing and encoding. The text must have the form of JSON.stringify, without white space; unknown
 * members are skipped. Compiled from the message's declaration.
 */
export class Transcoder {
  readonly #message: Message
  readonly #text = new JsonText()

  constructor(type: MessageType) {
    this.#message = compile(type)
  }

  /**
   * Appends the message whose object begins at `from`.
   * @param known objects in it that are already encoded
   * @returns offset after the object
   * @throws ProtobufError if the text is not the message's JSON; the appended bytes must be dropped
   */
  append(out: WireBuffer, bytes: Uint8Array, from: number, known?: PreencodedObjects): number {
    const text = this.#text
    text.bytes = bytes
    text.at = from
    text.known = known
    readMembers(this.#message, text, out)
    return text.at
  }
}

const messages = new WeakMap<MessageType, Message>()

function readMembers(message: Message, text: JsonText, out: WireBuffer): void {
  const { known } = text
  if (known?.isAt(text.at)) {
    out.latin1(known.wire)
    text.at = known.next
    if (text.skipIf(closeBrace)) return
    text.expect(comma)
  } else {
    text.expect(openBrace)
    if (text.skipIf(closeBrace)) return
  }
  do {
    const from = text.at + 1
    const read = message.fields.find(text.bytes, from, text.skipString())
    text.expect(colon)
    if (read === undefined || text.bytes[text.at] === letterN) text.skipValue()
    else read(text, out)
  } while (text.skipIf(comma))
  text.expect(closeBrace)
}

function compile(type: MessageType): Message {
  const known = messages.get(type)
  if (known !== undefined) return known
  const compiled: Message = { fields: new NameTable<ReadField>([]) }
  // Registered before its fields are compiled: messages may contain themselves.
  messages.set(type, compiled)
  const groups = Object.values(type.oneofs ?? {})
  compiled.fields = new NameTable(
    Object.entries(type.fields).map(([name, field]) => {
      const keepsZero = field.optional === true || groups.some((group) => group.includes(name))
      return [name, fieldReader(field, keepsZero, rareField(type, name))] as const
    }),
  )
  return compiled
}

/** Uses the codec for a field: slow, but always correct. */
function rareField(type: MessageType, name: string): ReadField {
  const codec = codecOf(type)
  return (text, out) => {
    const value = text.value()
    let wire: Uint8Array
    try {
      wire = codec.encode({ [name]: value })
    } catch (error) {
      if (error instanceof ProtobufError) throw error
      // The codec relies on the types of a message; those of a text can be others.
      return text.fail(`not a value of ${name}: ${(error as Error).message}`)
    }
    out.append(wire)
  }
}

function fieldReader(field: Field<unknown>, keepsZero: boolean, rare: ReadField): ReadField {
  if (field.shape === 'map') return mapReader(rare)
  const isList = field.shape === 'many'
  // Lists of numbers are packed.
  if (isList && field.type !== 'string' && isScalar(field)) return rare
  const single = singleReader(field, keepsZero || isList, rare)
  if (!isList) return single
  return (text, out) => {
    text.expect(openList)
    if (text.skipIf(closeList)) return
    do single(text, out)
    while (text.skipIf(comma))
    text.expect(closeList)
  }
}

/** A map: slow, unless it is already encoded. */
function mapReader(rare: ReadField): ReadField {
  return (text, out) => {
    const { known } = text
    if (!known?.isAt(text.at)) return rare(text, out)
    out.latin1(known.wire)
    text.at = known.next
  }
}

function isScalar({ type }: Field<unknown>): boolean {
  return typeof type === 'string' || type.kind === 'enum'
}

/** Reads a value of the most frequent types; `rare` reads the others. */
function singleReader(field: Field<unknown>, keepsZero: boolean, rare: ReadField): ReadField {
  const { type, number } = field
  const tag = number * 8
  if (typeof type !== 'string') {
    return type.kind === 'enum' ? enumReader(type, tag, keepsZero, rare) : messageReader(type, tag)
  }
  switch (type) {
    case 'string':
      return stringReader(tag, keepsZero)
    case 'bool':
      return boolReader(tag, keepsZero)
    case 'BoolValue':
      return wrapped(tag, boolReader(8, false))
    case 'uint32':
    case 'uint64':
    case 'int32':
    case 'int64':
      return numberReader(tag, keepsZero, limits[type], rare)
    case 'UInt32Value':
      return wrapped(tag, numberReader(8, false, limits.uint32, refuseNumber))
    case 'Timestamp':
      return timestampReader(tag, rare)
    default:
      return rare
  }
}

/** Smaller integers have the same form in all types. */
const limits = { int32: 2 ** 31, uint32: 2 ** 32, int64: 2 ** 53, uint64: 2 ** 53 } as const

function refuseNumber(text: JsonText): never {
  return text.fail('number out of range')
}

/** @param tag of the field, without wire type */
function numberReader(tag: number, keepsZero: boolean, limit: number, rare: ReadField): ReadField {
  return (text, out) => {
    const from = text.at
    const value = text.integer()
    if (value === undefined || value < 0 || value >= limit) {
      text.at = from
      rare(text, out)
    } else if (value !== 0 || keepsZero) {
      out.varint(tag)
      out.varint(value)
    }
  }
}

function boolReader(tag: number, keepsZero: boolean): ReadField {
  return (text, out) => {
    const value = text.bytes[text.at] === letterT
    text.skipValue()
    if (!value && !keepsZero) return
    out.varint(tag)
    out.varint(value ? 1 : 0)
  }
}

function enumReader(
  { values }: EnumType,
  tag: number,
  keepsZero: boolean,
  rare: ReadField,
): ReadField {
  const numbers = new NameTable(Object.entries<number>(values))
  return (text, out) => {
    const from = text.at
    const isName = text.bytes[from] === quote
    const value = isName ? numbers.find(text.bytes, from + 1, text.skipString()) : undefined
    if (value === undefined) {
      text.at = from
      rare(text, out)
    } else if (value !== 0 || keepsZero) {
      out.varint(tag)
      out.varint(value)
    }
  }
}

function stringReader(tag: number, keepsEmpty: boolean): ReadField {
  return (text, out) => {
    const before = out.length
    out.varint(tag + delimited)
    const start = beginDelimited(out, 1)
    text.copyString(out)
    if (out.length === start && !keepsEmpty) out.length = before
    else out.putLength(start, 1)
  }
}

/** A message; the space for its length is that of the last one of its type. */
function messageReader(type: MessageType, tag: number): ReadField {
  const message = compile(type)
  let room = 1
  return (text, out) => {
    out.varint(tag + delimited)
    const start = beginDelimited(out, room)
    readMembers(message, text, out)
    room = out.putLength(start, room)
  }
}

/** A message of google.protobuf whose only field `read` writes. */
function wrapped(tag: number, read: ReadField): ReadField {
  return (text, out) => {
    out.varint(tag + delimited)
    const start = beginDelimited(out, 1)
    read(text, out)
    out.putLength(start, 1)
  }
}

function timestampReader(tag: number, rare: ReadField): ReadField {
  return (text, out) => {
    const { at, bytes } = text
    const end = text.skipString()
    const seconds = plainSeconds(bytes, at + 1, end)
    const nanos = plainNanos(bytes, at + 1, end)
    if (Number.isNaN(seconds + nanos)) {
      text.at = at
      rare(text, out)
      return
    }
    out.varint(tag + delimited)
    const start = beginDelimited(out, 1)
    if (seconds !== 0) {
      out.varint(8)
      out.varint(seconds)
    }
    if (nanos !== 0) {
      out.varint(16)
      out.varint(nanos)
    }
    out.putLength(start, 1)
  }
}

/** Leaves space for a length. @returns start of its content */
function beginDelimited(out: WireBuffer, room: number): number {
  out.reserve(room)
  out.length += room
  return out.length
}
