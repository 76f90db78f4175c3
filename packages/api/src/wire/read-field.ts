import { type Reader, wireType } from './reader.ts'
import type { ValueCodec } from './value-codec.ts'

/** A message while it is read. */
export type Json = Record<string, unknown>
/** Reads a field whose tag was read into its message. */
export type ReadField = (reader: Reader, json: Json) => void

/** Sets a property whatever its name is: `__proto__` is a key of a map like any other. */
function setKey(object: Json, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true })
}

/** Objects from which something was deleted are slow ever after, even if it was not there. */
function remove(json: Json, name: string): void {
  if (json[name] !== undefined) delete json[name]
}

/** A field that holds one value; messages are merged, of a group the last one counts. */
export function readOne(
  codec: ValueCodec,
  name: string,
  hasPresence: boolean,
  others: readonly string[],
): ReadField {
  return (reader, json) => {
    const value = codec.read(reader, json[name])
    for (const other of others) remove(json, other)
    if (hasPresence || value !== codec.zero) json[name] = value
    else remove(json, name)
  }
}

/** An element of a list. */
export function readMany(codec: ValueCodec, name: string): ReadField {
  return (reader, json) => {
    json[name] ??= []
    const list = json[name] as unknown[]
    list.push(codec.read(reader))
  }
}

/** Elements of a list of scalars in one piece. */
export function readPacked(codec: ValueCodec, name: string): ReadField {
  return (reader, json) => {
    const list = (json[name] as unknown[] | undefined) ?? []
    reader.within(() => list.push(codec.read(reader)))
    if (list.length > 0) json[name] = list
  }
}

/** An entry of a map; the last one of a key counts. */
export function readMap(codec: ValueCodec, name: string): ReadField {
  return (reader, json) => {
    let key = ''
    let value: unknown = codec.zero ?? {}
    reader.within(() => {
      const tag = reader.tag()
      if (tag === ((1 << 3) | wireType.bytes)) key = reader.text()
      else if (tag === ((2 << 3) | codec.wire)) value = codec.read(reader)
      else reader.skip(tag)
    })
    json[name] ??= {}
    setKey(json[name] as Json, key, value)
  }
}
