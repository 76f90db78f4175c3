import { capabilityNumber, capabilitySpellings } from '../fields/capabilities.ts'
import {
  type ArgumentTypeFacts,
  type ArgumentTypeName,
  argumentTypeFacts,
} from './argument-facts.ts'
import { BadValue } from './bad-value.ts'

const decimal = /^(?:0|[1-9][\d_]*)$/
const prefixed = /^0(?:x[\da-f_]+|b[01_]+|o?[0-7_]+)$/i

/** Parses `12`, `-1`, `0x1f`, `0b101`, `0o17` and `017` (octal); undefined for anything else. */
export function parseNumber(text: string): bigint | undefined {
  const negative = text.startsWith('-')
  const body = /^[+-]/.test(text) ? text.slice(1) : text
  const digits = body.replaceAll('_', '').toLowerCase()
  if (digits === '' || digits.length > 80) return undefined
  let value: bigint | undefined
  if (decimal.test(body)) value = BigInt(digits)
  else if (prefixed.test(body)) {
    const octal = /^0[0-7]/.test(digits)
    const literal = octal ? `0o${digits.slice(1)}` : digits
    value = literal.length > 2 ? BigInt(literal) : undefined
  }
  return value === undefined || !negative ? value : -value
}

/** Smallest and largest value of an integer type; 64 bits without sign for unknown types. */
function limitsOf({
  bits = 64,
  signed = false,
}: Pick<ArgumentTypeFacts, 'bits' | 'signed'>): readonly [bigint, bigint] {
  const width = BigInt(bits)
  return signed ? [-(1n << (width - 1n)), (1n << (width - 1n)) - 1n] : [0n, (1n << width) - 1n]
}

function inLimits(value: bigint, min: bigint, max: bigint, text: string): bigint | BadValue {
  if (value >= min && value <= max) return value
  return new BadValue(`${text} is not in the range ${min} to ${max} of the argument's type`)
}

/** Comma-separated list of capability names as a mask; undefined if it does not look like one. */
function capabilityMask(text: string): bigint | BadValue | undefined {
  if (!/[A-Za-z]{2}/.test(text) || /^0x/i.test(text)) return undefined
  let mask = 0n
  for (const name of text.split(',').map((each) => each.trim())) {
    const number = capabilityNumber(name)
    if (number === undefined) {
      return new BadValue(`unknown capability ${JSON.stringify(name)}`, capabilitySpellings())
    }
    mask |= 1n << BigInt(number)
  }
  return mask
}

/**
 * A value to test for equality with an argument of this type. A signed argument also equals the
 * number that its bits are without sign: 4294967295 is -1 for an `int`, as in Tetragon.
 */
export function readEqual(text: string, type: ArgumentTypeName): bigint | BadValue {
  const { kind, bits = 64, signed = false } = argumentTypeFacts[type]
  const value = kind === 'integer' && signed ? parseNumber(text) : undefined
  const [, max] = limitsOf({ bits, signed })
  const isUnsigned = value !== undefined && value > max && value < 1n << BigInt(bits)
  return isUnsigned ? BigInt.asIntN(bits, value) : readOperand(text, type)
}

/** A value to compare with an argument of this type. */
export function readOperand(text: string, type: ArgumentTypeName): bigint | BadValue {
  const facts = argumentTypeFacts[type]
  if (facts.kind === 'capabilities') {
    const mask = capabilityMask(text)
    if (mask !== undefined) return mask
  }
  if (type === 'capability' && /^[A-Z]/.test(text)) {
    const number = capabilityNumber(text)
    if (number !== undefined) return BigInt(number)
    return new BadValue(`unknown capability ${JSON.stringify(text)}`, capabilitySpellings())
  }
  const value = parseNumber(text)
  if (value === undefined) return new BadValue(`invalid number ${JSON.stringify(text)}`)
  if (facts.kind === 'unknown') return inLimits(value, -(1n << 63n), (1n << 64n) - 1n, text)
  return inLimits(value, ...limitsOf(facts), text)
}

/** Bits to test in an argument of this type; negative numbers are their two's complement. */
export function readMask(text: string, type: ArgumentTypeName): bigint | BadValue {
  const facts = argumentTypeFacts[type]
  const bits = facts.bits ?? 64
  const names = facts.kind === 'capabilities' ? capabilityMask(text) : undefined
  const value = names ?? parseNumber(text)
  if (value instanceof BadValue) return value
  if (value === undefined) return new BadValue(`invalid number ${JSON.stringify(text)}`)
  const checked = inLimits(value, -(1n << BigInt(bits - 1)), (1n << BigInt(bits)) - 1n, text)
  return checked instanceof BadValue ? checked : BigInt.asUintN(bits, checked)
}

/** `min:max`, or with `single` one number. Both ends are included. */
export function readRange(
  text: string,
  read: (text: string) => bigint | BadValue,
  single: boolean,
): readonly [bigint, bigint] | BadValue {
  const ends = text.split(':')
  if (ends.length > 2 || (ends.length === 1 && !single)) {
    return new BadValue(`invalid range ${JSON.stringify(text)}: write MIN:MAX`)
  }
  const min = read(ends[0])
  const max = read(ends[ends.length - 1])
  if (min instanceof BadValue) return min
  if (max instanceof BadValue) return max
  if (min > max) return new BadValue(`the range ${text} starts after its end`)
  return [min, max]
}

/** A port. */
export function readPort(text: string): bigint | BadValue {
  const value = parseNumber(text)
  if (value !== undefined && value >= 0n && value <= 0xffffn) return value
  return new BadValue(`invalid port ${JSON.stringify(text)} (0 to 65535)`)
}
