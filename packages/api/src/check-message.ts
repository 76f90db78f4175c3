import type { Field, MessageType } from './message.ts'

/** Returns the error, starting with the path of the field; undefined if there is none. */
type Check = (value: unknown) => string | undefined

const checks = new WeakMap<MessageType, Check>()

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const text: Check = (value) => (typeof value === 'string' ? undefined : ': expected a string')
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : ': expected a boolean')

function integer(low: number, high: number): Check {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high
      ? undefined
      : `: expected an integer from ${low} to ${high}`
}

const signed = integer(-(2 ** 31), 2 ** 31 - 1)
const unsigned = integer(0, 2 ** 32 - 1)

function wideInteger(pattern: RegExp, what: string): Check {
  return (value) =>
    (typeof value === 'string' && pattern.test(value)) ||
    (typeof value === 'number' && Number.isSafeInteger(value) && pattern.test(String(value)))
      ? undefined
      : `: expected ${what} as decimal digits`
}

const double: Check = (value) =>
  typeof value === 'number' || ['NaN', 'Infinity', '-Infinity'].includes(value as string)
    ? undefined
    : ': expected a number'

const enumName: Check = (value) =>
  typeof value === 'string' || Number.isInteger(value) ? undefined : ': expected an enum name'

const scalars: Record<string, Check> = {
  string: text,
  bytes: text,
  Timestamp: text,
  Duration: text,
  FieldMask: text,
  Any: (value) =>
    isObject(value) && typeof value['@type'] === 'string'
      ? undefined
      : ': expected an object with @type',
  bool: flag,
  BoolValue: flag,
  int32: signed,
  Int32Value: signed,
  uint32: unsigned,
  UInt32Value: unsigned,
  int64: wideInteger(/^-?\d{1,19}$/, 'an int64'),
  uint64: wideInteger(/^\d{1,20}$/, 'a uint64'),
  fixed64: wideInteger(/^\d{1,20}$/, 'a fixed64'),
  double,
}

function checkOf(type: Field<unknown>['type']): Check {
  if (typeof type === 'string') return scalars[type]
  return type.kind === 'enum' ? enumName : compile(type)
}

function listOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return ': expected a list'
    for (let i = 0; i < value.length; i++) {
      const wrong = check(value[i])
      if (wrong !== undefined) return `[${i}]${wrong}`
    }
    return undefined
  }
}

function nameOf(type: Field<unknown>['type']): string {
  return typeof type === 'string' ? type : type.name
}

function mapOf(check: Check, what: string): Check {
  return (value) => {
    if (!isObject(value)) return ': expected an object'
    for (const item of Object.values(value)) {
      if (check(item) !== undefined) return `: expected an object whose values are ${what}`
    }
    return undefined
  }
}

function fieldCheck(field: Field<unknown>): Check {
  if (field.shape === 'map') return mapOf(checkOf(field.type), `${nameOf(field.type)}s`)
  return field.shape === 'many' ? listOf(checkOf(field.type)) : checkOf(field.type)
}

function compile(type: MessageType): Check {
  const known = checks.get(type)
  if (known !== undefined) return known
  // A map, not an object: keys such as `__proto__` or `constructor` must be unknown fields.
  const fields = new Map(
    Object.entries(type.fields).map(([name, field]) => [name, fieldCheck(field)]),
  )
  const check: Check = (value) => {
    if (!isObject(value)) return ': expected an object'
    for (const name in value) {
      const checkField = fields.get(name)
      if (checkField === undefined) continue
      const item = value[name]
      // protojson reads null as "not set".
      if (item === null) {
        value[name] = undefined
        continue
      }
      const wrong = checkField(item)
      if (wrong !== undefined) return `.${name}${wrong}`
    }
    return undefined
  }
  checks.set(type, check)
  return check
}

/**
 * Checks that `value`, a result of JSON.parse, has the shape of a message: known fields have their
 * types, unknown fields are accepted. A null field becomes undefined, in place. Returns the error
 * as `.process.pid: expected …`, or undefined.
 */
export function checkMessage(type: MessageType, value: unknown): string | undefined {
  return compile(type)(value)
}
