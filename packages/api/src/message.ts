/**
 * A small language that declares the messages of the API once: the TypeScript type of their JSON
 * form (protojson with `UseProtoNames`: snake_case names, unset fields omitted), the check of
 * incoming JSON (check-message.ts), the codecs of the wire form (wire/), the `.proto` files and the
 * reflection of the server are derived from it. They cannot differ, and a field is added in one
 * place.
 */

/** Type of a field: scalar types of protobuf and its well-known wrapper types. */
export type ScalarType =
  | 'string'
  | 'bytes'
  | 'bool'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'fixed64'
  | 'double'
  | 'Int32Value'
  | 'UInt32Value'
  | 'BoolValue'
  | 'Timestamp'
  | 'Duration'
  | 'FieldMask'
  | 'Any'

/** A field's declaration. `Json` is the type of its JSON form, for the compiler only. */
export interface Field<Json> {
  /** Field number in the wire form. */
  readonly number: number
  readonly type: ScalarType | EnumType | MessageType
  /** A map's keys are strings, its values of `type`. */
  readonly shape: 'one' | 'many' | 'map'
  /** Whether a default value differs from an unset one. */
  readonly optional?: boolean
  readonly deprecated?: boolean
  readonly json?: Json
}

/** The fields of a message by name. */
export type Fields = Readonly<Record<string, Field<unknown>>>

/** Properties of a message besides its fields. */
export interface MessageOptions {
  /** Names of mutually exclusive fields, by the name of the group. */
  readonly oneofs?: Readonly<Record<string, readonly string[]>>
  /** Numbers and ranges of numbers that are never reused. */
  readonly reserved?: readonly (number | readonly [number, number])[]
}

/** A message: its protobuf name (with the outer one's before a dot if it is nested), its fields. */
export interface MessageType<F extends Fields = Fields> extends MessageOptions {
  readonly kind: 'message'
  readonly name: string
  readonly fields: F
}

/** An enumeration: its protobuf name and its numbers by name. */
export interface EnumType<Name extends string = string> {
  readonly kind: 'enum'
  readonly name: string
  readonly values: Readonly<Record<Name, number>>
  readonly reserved?: MessageOptions['reserved']
  /** Deprecated values. */
  readonly deprecated?: readonly string[]
}

/** The JSON form of a message; all fields are optional. */
export type MessageOf<M> =
  M extends MessageType<infer F>
    ? { [K in keyof F]?: F[K] extends Field<infer Json> ? Json : never }
    : never

/** The JSON form of an enum: a name; from a newer sender, a number or an unknown name. */
export type EnumOf<E> =
  E extends EnumType<infer Name> ? Name | (string & Record<never, never>) | number : never

/** Declares a message. */
export function message<const F extends Fields>(
  name: string,
  fields: F,
  options: MessageOptions = {},
): MessageType<F> {
  return { kind: 'message', name, fields, ...options }
}

/** Declares an enumeration. */
export function enumeration<const Name extends string>(
  name: string,
  values: Readonly<Record<Name, number>>,
  options: Pick<EnumType, 'reserved' | 'deprecated'> = {},
): EnumType<Name> {
  return { kind: 'enum', name, values, ...options }
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
/** Like uint64; always eight bytes. */
export const fixed64 = scalar<string | number>('fixed64')
/** A number, or its name if it is not finite. */
export type DoubleJson = number | 'NaN' | 'Infinity' | '-Infinity'
export const double = scalar<DoubleJson>('double')
export const int32Value = scalar<number>('Int32Value')
export const uint32Value = scalar<number>('UInt32Value')
export const boolValue = scalar<boolean>('BoolValue')
/** RFC 3339 text with up to nine decimals, in UTC. */
export const timestamp = scalar<string>('Timestamp')
/** Seconds with up to nine decimals and an `s`, such as `1.5s`. */
export const duration = scalar<string>('Duration')
/** Paths of fields joined by commas, such as `process.binary,parent.pid`. */
export const fieldMask = scalar<string>('FieldMask')

/** A value of the type in its `@type`; `value` is base64 if the type is unknown. */
export interface AnyJson {
  readonly '@type': string
  readonly value?: string | boolean | readonly string[]
}

export const any = scalar<AnyJson>('Any')

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

/** A `map<string, …>` field. */
export function mapOf<Json>({ number, type }: Field<Json>): Field<Record<string, Json>> {
  return { number, type, shape: 'map' }
}

/** A `map<string, string>` field. */
export function stringMap(number: number): Field<Record<string, string>> {
  return mapOf(string(number))
}

/** A scalar field with explicit presence. */
export function optional<Json>(field: Field<Json>): Field<Json> {
  return { ...field, optional: true }
}

/** A deprecated field. */
export function deprecated<Json>(field: Field<Json>): Field<Json> {
  return { ...field, deprecated: true }
}
