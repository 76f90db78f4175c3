import type { Environment } from '@marcbachmann/cel-js'
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator'
import {
  type EnumType,
  eventKinds,
  type Field,
  fromBase64,
  type GetEventsResponse,
  type MessageType,
  type ScalarType,
} from '@tetragon-ts/api'

type Json = Readonly<Record<string, unknown>>

/** A message in an expression: reads a field of its JSON on demand. */
export class MessageValue {
  readonly json: Json
  readonly type: MessageType

  constructor(json: Json, type: MessageType) {
    this.json = json
    this.type = type
  }
}

interface Scalar {
  readonly name: string
  readonly read: (json: unknown) => unknown
  /** Value of an unset field; without one, it has no value. */
  readonly zero?: () => unknown
}

const asUint = (json: unknown): UnsignedInt => new UnsignedInt(BigInt(json as string | number))
const asInt = (json: unknown): bigint => BigInt(json as string | number)
const same = (json: unknown): unknown => json

const signed: Scalar = { name: 'int', read: asInt, zero: () => 0n }
const unsigned: Scalar = { name: 'uint', read: asUint, zero: () => asUint(0) }

/** Unset wrappers have no value: no comparison with them is true. */
const scalars: Readonly<Record<ScalarType, Scalar>> = {
  string: { name: 'string', read: same, zero: () => '' },
  bytes: {
    name: 'bytes',
    read: (json) => Uint8Array.from(fromBase64(json as string)),
    zero: () => new Uint8Array(),
  },
  bool: { name: 'bool', read: same, zero: () => false },
  int32: signed,
  int64: signed,
  uint32: unsigned,
  uint64: unsigned,
  fixed64: unsigned,
  double: { name: 'double', read: Number, zero: () => 0 },
  Int32Value: { name: 'int', read: asInt },
  UInt32Value: { name: 'uint', read: asUint },
  BoolValue: { name: 'bool', read: same },
  Timestamp: { name: 'google.protobuf.Timestamp', read: (json) => new Date(json as string) },
  Duration: { name: 'string', read: same },
  FieldMask: { name: 'string', read: same },
  Any: { name: 'dyn', read: same },
}

function enumScalar({ values }: EnumType): Scalar {
  const numbers: Readonly<Record<string, number>> = values
  const read = (json: unknown): unknown => {
    const number = typeof json === 'number' ? json : numbers[json as string]
    return number === undefined ? undefined : BigInt(number)
  }
  return { name: 'int', read, zero: () => 0n }
}

const valueClasses = new Map<MessageType, new (json: Json, type: MessageType) => MessageValue>()

/**
 * A message's value; an unset one reads as an empty message. Its types come from the declarations
 * of messages, and a field is converted when the expression reaches it.
 */
export function messageValue(type: MessageType, json: unknown): MessageValue {
  const Value = valueClasses.get(type) ?? MessageValue
  return new Value((json ?? {}) as Json, type)
}

const isList = Array.isArray

function reader(field: Field<unknown>): { name: string; read: (json: unknown) => unknown } {
  const { type } = field
  const one: Scalar =
    typeof type === 'string'
      ? scalars[type]
      : type.kind === 'enum'
        ? enumScalar(type)
        : { name: `tetragon.${type.name}`, read: (json) => messageValue(type, json) }
  if (field.shape === 'many') {
    const read = (json: unknown): unknown => (isList(json) ? json.map(one.read) : [])
    return { name: `list<${one.name}>`, read }
  }
  if (field.shape === 'map') {
    const read = (json: unknown): unknown =>
      new Map(Object.entries(json ?? {}).map(([key, value]) => [key, one.read(value)]))
    return { name: `map<string, ${one.name}>`, read }
  }
  const isMessage = typeof type !== 'string' && type.kind === 'message'
  const read = (json: unknown): unknown =>
    json === undefined && !isMessage ? one.zero?.() : one.read(json)
  return { name: one.name, read }
}

function registerMessage(environment: Environment, type: MessageType): void {
  if (valueClasses.has(type)) return
  const Value = class extends MessageValue {}
  valueClasses.set(type, Value)
  const fields: Record<string, string> = {}
  for (const [name, field] of Object.entries(type.fields)) {
    if (typeof field.type !== 'string' && field.type.kind === 'message') {
      registerMessage(environment, field.type)
    }
    const { name: typeName, read } = reader(field)
    fields[name] = typeName
    Object.defineProperty(Value.prototype, name, {
      get(this: MessageValue) {
        return read(this.json[name])
      },
    })
  }
  environment.registerType(`tetragon.${type.name}`, { ctor: Value, fields })
}

/** Declares each kind of event as a variable of its message, such as `process_exec`. */
export function registerEvents(environment: Environment): void {
  for (const { key, message: type } of eventKinds) {
    registerMessage(environment, type)
    environment.registerVariable(key, `tetragon.${type.name}`)
  }
}

/** The variables for one event, created on demand. */
class Variables {
  readonly response: GetEventsResponse

  constructor(response: GetEventsResponse) {
    this.response = response
  }
}

for (const { key, message } of eventKinds) {
  Object.defineProperty(Variables.prototype, key, {
    get(this: Variables) {
      return messageValue(message, this.response[key])
    },
  })
}

/** The variables for one event: those of other kinds are empty messages. */
export function variablesOf(response: GetEventsResponse): object {
  return new Variables(response)
}

/** `has(message.field)` of protobuf: whether the field is set, or not empty. */
export function hasField(value: unknown, field: string): boolean {
  if (value instanceof Map) return value.has(field)
  if (!(value instanceof MessageValue)) return false
  const json = value.json[field]
  if (json === undefined) return false
  const { type, shape } = value.type.fields[field]
  if (shape !== 'one') return Object.keys(json as object).length > 0
  return typeof type !== 'string' || scalars[type].zero === undefined || !isZero(json)
}

function isZero(json: unknown): boolean {
  return json === '' || json === false || json === 0 || json === '0'
}
