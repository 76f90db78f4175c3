import { type Reader, wireType } from './reader.ts'
import type { ValueCodec } from './value-codec.ts'

/** A message that is being read. */
export type Json = Record<string, unknown>
/** Reads a field into its message, after its tag. */
export type ReadField = (reader: Reader, json: Json) => void

/** Sets a property of any name: `__proto__` is a normal key of a map. */
function setKey(object: Json, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true })
}

/** Deleting properties makes objects slow, even if the property does not exist. */
function remove(json: Json, name: string): void {
  if (json[name] !== undefined) delete json[name]
}

/** A field with one value; messages are merged, of a group the last one counts. */
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

/** Elements of a packed list of scalars. */
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
