import type { Bytes } from '#platform'
import type { Field, MessageOf, MessageType } from '../message.ts'
import { type Json, type ReadField, readMany, readMap, readOne, readPacked } from './read-field.ts'
import { Reader, wireType } from './reader.ts'
import { enumCodec, scalarCodecs } from './scalars.ts'
import type { ValueCodec } from './value-codec.ts'
import { wellKnownCodecs } from './well-known.ts'
import { type WriteField, writeMany, writeMap, writeOne } from './write-field.ts'
import { ReverseWriter } from './writer.ts'

/** Converts a message between its JSON form (an object) and its wire form. */
export interface Codec<T> {
  /** @throws ProtobufError for a value without a wire form, such as an invalid timestamp */
  readonly encode: (value: T) => Bytes
  /** Fields with default values are omitted; unknown ones are skipped. @throws ProtobufError */
  readonly decode: (bytes: Uint8Array) => T
}

/** A compiled message: its fields' writers in reverse order, and readers by tag. */
interface MessageCodec extends ValueCodec {
  readonly writeFields: (writer: ReverseWriter, json: Json) => void
  readonly readField: (reader: Reader, json: Json) => void
  readonly readers: ReadonlyMap<number, ReadField>
}

const messageCodecs = new WeakMap<MessageType, MessageCodec>()

function valueCodec(type: Field<unknown>['type']): ValueCodec {
  if (typeof type !== 'string') return type.kind === 'enum' ? enumCodec(type) : messageCodec(type)
  return { ...scalarCodecs, ...wellKnownCodecs }[type]
}

function compile(type: MessageType): MessageCodec {
  const names: string[] = []
  const writers: WriteField[] = []
  const readers = new Map<number, ReadField>()
  const codec: MessageCodec = {
    wire: wireType.bytes,
    isZero: () => false,
    writeFields: (writer, json) => {
      for (let i = 0; i < names.length; i++) {
        const value = json[names[i]]
        // The writer with the same index is that of the field's type.
        if (value !== undefined && value !== null) writers[i](writer, value as never)
      }
    },
    readField: (reader, json) => {
      const tag = reader.tag()
      const readField = readers.get(tag)
      if (readField === undefined) reader.skip(tag)
      else readField(reader, json)
    },
    readers,
    write: (writer, json: Json) => {
      const { length } = writer
      codec.writeFields(writer, json)
      writer.varint(writer.length - length)
    },
    read: (reader, old) => {
      const json = (old ?? {}) as Json
      reader.within(() => codec.readField(reader, json))
      return json
    },
  }
  // Registered before its fields are compiled: messages may contain themselves.
  messageCodecs.set(type, codec)
  const groups = Object.values(type.oneofs ?? {})
  for (const [name, field] of Object.entries(type.fields).reverse()) {
    const { number, shape } = field
    const value = valueCodec(field.type)
    const group = groups.find((members) => members.includes(name))
    const hasPresence = field.optional === true || group !== undefined || !('zero' in value)
    const others = group?.filter((other) => other !== name) ?? []
    const tag = number * 8 + value.wire
    names.push(name)
    if (shape === 'one') {
      writers.push(writeOne(value, number, hasPresence))
      readers.set(tag, readOne(value, name, hasPresence, others))
    } else if (shape === 'many') {
      writers.push(writeMany(value, number))
      readers.set(tag, readMany(value, name))
      if (value.wire !== wireType.bytes) {
        readers.set(number * 8 + wireType.bytes, readPacked(value, name))
      }
    } else {
      writers.push(writeMap(value, number))
      readers.set(number * 8 + wireType.bytes, readMap(value, name))
    }
  }
  return codec
}

function messageCodec(type: MessageType): MessageCodec {
  return messageCodecs.get(type) ?? compile(type)
}

/** Readers of a message's fields by tag. */
export function fieldReaders(type: MessageType): ReadonlyMap<number, ReadField> {
  return messageCodec(type).readers
}

/** Shared: nothing else runs while a message is written. */
const writer = new ReverseWriter()

/** The codec of a message; compiled from its declaration on first use. */
export function codecOf<M extends MessageType>(type: M): Codec<MessageOf<M>> {
  const codec = messageCodec(type)
  return {
    encode: (value) => {
      try {
        codec.writeFields(writer, value as Json)
        return writer.take()
      } finally {
        writer.clear()
      }
    },
    decode: (bytes) => {
      const reader = new Reader(bytes)
      const json: Json = {}
      while (reader.at < reader.end) codec.readField(reader, json)
      return json as MessageOf<M>
    },
  }
}
