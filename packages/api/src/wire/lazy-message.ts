import type { MessageOf, MessageType } from '../message.ts'
import { fieldReaders } from './codec.ts'
import type { Json } from './read-field.ts'
import { Reader } from './reader.ts'

/**
 * Makes a function that wraps the wire form of a message: its fields are decoded when they are
 * first read, and then throw ProtobufError if they are invalid. Only reading by name works: the
 * fields are not enumerable. The bytes must not change afterwards.
 * @throws Error if fields of the message are mutually exclusive
 */
export function lazyMessageOf<M extends MessageType>(type: M): (bytes: Uint8Array) => MessageOf<M> {
  if (type.oneofs !== undefined) throw new Error(`${type.name} has exclusive fields`)
  const readers = fieldReaders(type)

  class LazyMessage {
    readonly #bytes: Uint8Array
    /** Fields that were read; undefined: it is not set. */
    readonly #known: Json = {}

    constructor(bytes: Uint8Array) {
      this.#bytes = bytes
    }

    field(name: string, number: number): unknown {
      if (!(name in this.#known)) {
        const json: Json = {}
        const reader = new Reader(this.#bytes)
        while (reader.at < reader.end) {
          const tag = reader.tag()
          const readField = tag >>> 3 === number ? readers.get(tag) : undefined
          if (readField === undefined) reader.skip(tag)
          else readField(reader, json)
        }
        this.#known[name] = json[name]
      }
      return this.#known[name]
    }
  }

  for (const [name, { number }] of Object.entries(type.fields)) {
    Object.defineProperty(LazyMessage.prototype, name, {
      get(this: LazyMessage) {
        return this.field(name, number)
      },
    })
  }
  // The accessors above are those of the message's fields.
  return (bytes) => new LazyMessage(bytes) as object as MessageOf<M>
}
