import { isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml'
import type { DiagnosticCode } from '../diagnostics/codes.ts'
import type { FindingDetails } from '../diagnostics/findings.ts'
import type {
  BooleanSchema,
  EnumSchema,
  IntegerSchema,
  StringSchema,
  WideSchema,
} from '../fields/schema.ts'

type ScalarSchema = StringSchema | IntegerSchema | WideSchema | BooleanSchema | EnumSchema

interface Problem {
  readonly code: DiagnosticCode
  readonly message: string
  readonly details?: FindingDetails
}

interface ScalarResult {
  readonly value?: unknown
  readonly problem?: Problem
}

/** Words that YAML 1.1, and therefore kubectl, treats as booleans. */
const oldBooleans = new Map([
  ...['yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['no', 'No', 'NO', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
])

const largestWide = 2n ** 64n - 1n

function wrongType(needed: string, found: string): ScalarResult {
  return { problem: { code: 'POLICY_TYPE', message: `expected ${needed}, not ${found}` } }
}

function isPlain(node: Scalar): boolean {
  return node.type === 'PLAIN'
}

/** The text of a scalar, shortened. */
function written(node: Scalar): string {
  const text = isPlain(node) ? (node.source ?? String(node.value)) : JSON.stringify(node.value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function readText(node: Scalar): ScalarResult {
  const { value } = node
  if (typeof value === 'string' && !(isPlain(node) && oldBooleans.has(value))) return { value }
  const suggestion = JSON.stringify(node.source ?? String(value))
  const message = `a string is needed here: write ${suggestion} in quotes`
  return { problem: { code: 'POLICY_TYPE', message } }
}

function readString(schema: StringSchema, node: Scalar): ScalarResult {
  const read = readText(node)
  if (read.problem !== undefined) return read
  const text = read.value as string
  if (schema.minLength !== undefined && text.length < schema.minLength) {
    return { problem: { code: 'POLICY_VALUE', message: 'the string must not be empty' } }
  }
  return read
}

function readEnum(schema: EnumSchema, node: Scalar): ScalarResult {
  const read = readText(node)
  if (read.problem !== undefined) return read
  const text = read.value as string
  if (schema.values.includes(text)) return { value: text }
  if (Object.hasOwn(schema.aliases, text)) return { value: schema.aliases[text] }
  const allowed = schema.values
  const message = `${written(node)} is not one of the allowed values`
  return { problem: { code: 'POLICY_VALUE', message, details: { allowed, given: text } } }
}

function readInteger(node: Scalar, min: bigint, max: bigint): bigint | ScalarResult {
  const { value } = node
  if (typeof value === 'string' && !isPlain(node) && /^[+-]?\d+$/.test(value)) {
    return wrongType('a number', `the string ${written(node)}: write it without quotes`)
  }
  if (isPlain(node) && /^[+-]?0\d/.test(node.source ?? '')) {
    // Octal for kubectl (YAML 1.1), decimal for YAML 1.2.
    return wrongType('a number', `${written(node)}, whose leading zero is ambiguous`)
  }
  const whole =
    typeof value === 'bigint'
      ? value
      : typeof value === 'number' && Number.isSafeInteger(value)
        ? BigInt(value)
        : undefined
  if (whole === undefined) return wrongType('a whole number', written(node))
  if (whole >= min && whole <= max) return whole
  const message = `${written(node)} is not in the range ${min} to ${max}`
  return { problem: { code: 'POLICY_RANGE', message } }
}

function readBoolean(node: Scalar): ScalarResult {
  if (typeof node.value === 'boolean') return { value: node.value }
  const old = isPlain(node) ? oldBooleans.get(String(node.value)) : undefined
  return old === undefined ? wrongType('true or false', written(node)) : { value: old }
}

/** Reads a string, number, boolean or enumerated word. */
export function readScalar(schema: ScalarSchema, node: Node | undefined): ScalarResult {
  const needed = { string: 'a string', enum: 'a word', boolean: 'true or false' }
  if (!isScalar(node) || node.value === null) {
    const found = isMap(node) ? 'fields' : isSeq(node) ? 'a list' : 'nothing'
    const kind = schema.kind === 'integer' || schema.kind === 'wide' ? 'a number' : undefined
    return wrongType(kind ?? needed[schema.kind as keyof typeof needed], found)
  }
  if (schema.kind === 'string') return readString(schema, node)
  if (schema.kind === 'enum') return readEnum(schema, node)
  if (schema.kind === 'boolean') return readBoolean(node)
  if (schema.kind === 'wide') {
    const wide = readInteger(node, 0n, largestWide)
    return typeof wide === 'bigint' ? { value: wide } : wide
  }
  const whole = readInteger(node, BigInt(schema.min), BigInt(schema.max))
  return typeof whole === 'bigint' ? { value: Number(whole) } : whole
}
