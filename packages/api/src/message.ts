/**
 * A small language that declares the messages of the API once: from a declaration come the
 * TypeScript type of its JSON form (protojson with `UseProtoNames`: snake_case names, unset fields
 * left out), the check of incoming JSON (check-message.ts) and the field numbers of the wire form.
 */

/** How a field is written: scalar types of protobuf and its well-known wrapper types. */
export type ScalarType =
  | 'string'
  | 'bytes'
  | 'bool'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'Int32Value'
  | 'UInt32Value'
  | 'BoolValue'
  | 'Timestamp'

/** A field's declaration. `Json` is the type of its JSON form and exists for the compiler only. */
export interface Field<Json> {
  /** Field number in the wire form. */
  readonly number: number
  readonly type: ScalarType | EnumType | MessageType
  readonly shape: 'one' | 'many' | 'map'
  readonly json?: Json
}

/** The fields of a message by name. */
export type Fields = Readonly<Record<string, Field<unknown>>>

/** A message: its protobuf name and its fields. */
export interface MessageType<F extends Fields = Fields> {
  readonly kind: 'message'
  readonly name: string
  readonly fields: F
}

/** An enumeration: its protobuf name and its numbers by name. */
export interface EnumType<Name extends string = string> {
  readonly kind: 'enum'
  readonly name: string
  readonly values: Readonly<Record<Name, number>>
}

/** The JSON form of a message; every field may be left out. */
export type MessageOf<M> =
  M extends MessageType<infer F>
    ? { [K in keyof F]?: F[K] extends Field<infer Json> ? Json : never }
    : never

/** The JSON form of an enum: a name; a number, or a name not known yet, from a newer sender. */
export type EnumOf<E> =
  E extends EnumType<infer Name> ? Name | (string & Record<never, never>) | number : never

/** Declares a message. */
export function message<const F extends Fields>(name: string, fields: F): MessageType<F> {
  return { kind: 'message', name, fields }
}

/** Declares an enumeration. */
export function enumeration<const Name extends string>(
  name: string,
  values: Readonly<Record<Name, number>>,
): EnumType<Name> {
  return { kind: 'enum', name, values }
}

function scalar<Json>(type: ScalarType): (number: number) => Field<Json> {
  return (number) => ({ number, type, shape: 'one' })
}

export const string = scalar<string>('string')
/** Base64 text in JSON. */
export const bytes = scalar<string>('bytes')
export const bool = scalar<boolean>('bool')
export const int32 = scalar<number>('int32')
export const uint32 = scalar<number>('uint32')
/** Decimal digits in a string, since JSON numbers lose precision; plain numbers are accepted. */
export const int64 = scalar<string | number>('int64')
/** Like int64. */
export const uint64 = scalar<string | number>('uint64')
export const int32Value = scalar<number>('Int32Value')
export const uint32Value = scalar<number>('UInt32Value')
export const boolValue = scalar<boolean>('BoolValue')
/** RFC 3339 text with up to nine decimals, in UTC. */
export const timestamp = scalar<string>('Timestamp')

/** A field that holds another message. */
export function nested<F extends Fields>(
  number: number,
  type: MessageType<F>,
): Field<MessageOf<MessageType<F>>> {
  return { number, type, shape: 'one' }
}

/** A field that holds a value of an enumeration. */
export function oneOf<Name extends string>(
  number: number,
  type: EnumType<Name>,
): Field<EnumOf<EnumType<Name>>> {
  return { number, type, shape: 'one' }
}

/** Makes a field a list. */
export function many<Json>(field: Field<Json>): Field<Json[]> {
  return { number: field.number, type: field.type, shape: 'many' }
}

/** A `map<string, string>` field. */
export function stringMap(number: number): Field<Record<string, string>> {
  return { number, type: 'string', shape: 'map' }
}
