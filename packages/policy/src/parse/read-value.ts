import { isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml'
import type { DiagnosticCode } from '../diagnostics/codes.ts'
import type { FindingDetails, Findings } from '../diagnostics/findings.ts'
import { shortened } from '../diagnostics/shortened.ts'
import {
  type BooleanSchema,
  type DocumentOf,
  type EnumSchema,
  emptyIsAbsent,
  type Field,
  type IntegerSchema,
  type ListSchema,
  type ObjectSchema,
  type Schema,
  type StringSchema,
  schemaOf,
  type WideSchema,
} from '../fields/schema.ts'
import { itemPath, memberPath } from './path.ts'
import { placeholder } from './placeholder.ts'
import type { YamlTree } from './yaml-tree.ts'

/** Maximum length of names and values in messages. */
const longestName = 200

/** Maximum number of nodes that aliases may add. */
const aliasedNodes = 200_000

/** The value, and which parts of it are placeholders for invalid ones. */
export interface ReadResult<S extends Schema> {
  readonly value: DocumentOf<S>
  /** Reading was aborted, since aliases add too much. */
  readonly incomplete: boolean
  /** Whether a direct field of this object is invalid or missing. */
  isBroken(object: object): boolean
}

/**
 * Reads a document by its schema. Every problem becomes a finding and a placeholder of the right
 * type, so that everything else can be checked too.
 */
export function readValue<S extends Schema>(
  tree: YamlTree,
  schema: S,
  findings: Findings,
): ReadResult<S> {
  const reader = new Reader(tree, findings)
  const { value } = reader.read(schema, tree.root, '')
  return {
    value: value as DocumentOf<S>,
    incomplete: reader.exhausted,
    isBroken: (object) => reader.broken.has(object),
  }
}

/** `failed`: the value is a placeholder, or a list with one. */
interface Read {
  readonly value: unknown
  readonly failed: boolean
}

class Reader {
  readonly broken = new Set<object>()
  readonly #tree: YamlTree
  readonly #findings: Findings
  #budget = aliasedNodes
  #aliases = 0

  get exhausted(): boolean {
    return this.#budget < 0 || this.#tree.mergesTooMuch
  }

  constructor(tree: YamlTree, findings: Findings) {
    this.#tree = tree
    this.#findings = findings
  }

  read(schema: Schema, written: Node | undefined, path: string): Read {
    const node = this.#tree.resolve(written)
    const aliased = node !== undefined && node !== written
    if (aliased) this.#aliases++
    try {
      if (this.#aliases > 0 && --this.#budget < 0) {
        // Reported once.
        if (this.#budget === -1) {
          this.#findings.error(path, 'POLICY_ALIASES', 'aliases expand without limit')
        }
        return { value: placeholder(schema, path), failed: true }
      }
      if (schema.kind === 'any') return { value: undefined, failed: false }
      if (schema.kind === 'object') return this.#readObject(schema, node, path)
      if (schema.kind === 'list') return this.#readList(schema, node, path)
      if (schema.kind === 'map') return this.#readMap(schema.value, node, path)
      const { value, problem } = readScalar(schema, node)
      if (problem === undefined) return { value, failed: false }
      this.#findings.error(path, problem.code, problem.message, problem.details)
      return { value: placeholder(schema, path), failed: true }
    } finally {
      if (aliased) this.#aliases--
    }
  }

  #wrongKind(schema: Schema, needed: string, node: Node | undefined, path: string): Read {
    const found = isMap(node) ? 'fields' : isSeq(node) ? 'a list' : describe(node)
    this.#findings.error(path, 'POLICY_TYPE', `expected ${needed}, not ${found}`)
    return { value: placeholder(schema, path), failed: true }
  }

  #readObject(schema: ObjectSchema, node: Node | undefined, path: string): Read {
    if (!isMap(node)) return this.#wrongKind(schema, 'a group of fields', node, path)
    const names = Object.keys(schema.fields)
    const object: Record<string, unknown> = { at: path }
    const written = this.#members(node, path, (key) => {
      const name = fieldNamed(schema, key)
      if (name !== undefined) return name
      // A misspelt field is also missing under its right name.
      this.broken.add(object)
      const given = shortened(key, longestName)
      const where = memberPath(path, given)
      const message = `unknown field ${JSON.stringify(given)}`
      this.#findings.error(where, 'POLICY_UNKNOWN_FIELD', message, {
        allowed: names,
        given,
        key: true,
      })
      return undefined
    })
    for (const [name, field] of Object.entries(schema.fields)) {
      const read = this.#readField(name, field, written.get(name), path)
      object[name] = read.value
      if (read.failed) this.broken.add(object)
    }
    return { value: object, failed: false }
  }

  #readField(name: string, field: Field, node: Node | undefined, path: string): Read {
    const schema = schemaOf(field)
    const where = memberPath(path, name)
    const resolved = this.#tree.resolve(node)
    const isAbsent = isNull(resolved) || (emptyIsAbsent(field) && isEmptyString(resolved))
    if (node !== undefined && !isAbsent) return this.read(schema, node, where)
    if (isUnwritten(resolved) && where.startsWith('spec.') && needsContent(field)) {
      const message = `${name} has no value: omit it or set a value`
      this.#findings.error(where, 'POLICY_TYPE', message, { key: true })
      return { value: placeholder(schema, where), failed: true }
    }
    if (field.kind === 'required') {
      const message = `${name} is missing`
      this.#findings.error(where, 'POLICY_MISSING_FIELD', message, { key: true })
      return { value: placeholder(schema, where), failed: true }
    }
    if (field.kind === 'default') return { value: field.value, failed: false }
    if (schema.kind === 'list') return { value: [], failed: false }
    return { value: schema.kind === 'map' ? {} : undefined, failed: false }
  }

  #readList(schema: ListSchema, node: Node | undefined, path: string): Read {
    if (!isSeq(node)) return this.#wrongKind(schema, 'a list', node, path)
    const { item, maxItems } = schema
    if (maxItems !== undefined && node.items.length > maxItems) {
      const message = `${node.items.length} items; the limit is ${maxItems}`
      this.#findings.error(itemPath(path, maxItems), 'POLICY_RANGE', message)
      return { value: [], failed: true }
    }
    const reads = node.items.map((each, i) => this.read(item, each as Node, itemPath(path, i)))
    const values = reads.map((read) => read.value)
    return { value: values, failed: reads.some((read) => read.failed) }
  }

  #readMap(value: Schema, node: Node | undefined, path: string): Read {
    if (!isMap(node)) {
      return this.#wrongKind({ kind: 'map', value, doc: '' }, 'a group of fields', node, path)
    }
    const entries: [string, unknown][] = []
    let failed = false
    for (const [key, each] of this.#members(node, path, (name) => name)) {
      const read = this.read(value, each, memberPath(path, key))
      entries.push([key, read.value])
      failed ||= read.failed
    }
    return { value: Object.fromEntries(entries), failed }
  }

  /**
   * The fields of a map by name; names that are not strings, or duplicates, are findings.
   * @param nameOf the field of a key; undefined for a key that was reported
   */
  #members(
    node: Node & { items: unknown[] },
    path: string,
    nameOf: (key: string) => string | undefined,
  ): Map<string, Node | undefined> {
    const members = new Map<string, Node | undefined>()
    if (!isMap(node)) return members
    const spellings = new Map<string, string>()
    const entries = this.#tree.entries(node)
    if (this.#tree.mergesTooMuch && this.#budget >= 0) {
      this.#budget = -1
      this.#findings.error(path, 'POLICY_ALIASES', 'merge keys expand without limit')
    }
    for (const { key, keyNode, value, merged } of entries) {
      if (keyNode === undefined) {
        this.#findings.error(path, 'POLICY_TYPE', 'the name of a field must be a string')
        continue
      }
      const offset = keyNode.range?.[0] ?? 0
      const name = members.has(key) ? key : nameOf(key)
      if (name === undefined) continue
      const first = spellings.get(name)
      if (first === undefined) {
        if (name !== key) this.#misspelt(key, name, path)
        members.set(name, value)
        spellings.set(name, key)
      } else if (!merged) {
        const { line } = this.#tree.at(offset)
        const shown = shortened(key, longestName)
        const same = first === key ? 'appears twice' : `and ${JSON.stringify(first)} are the same`
        const message = `${JSON.stringify(shown)} ${same}, again in line ${line}`
        const where = memberPath(path, shortened(name, longestName))
        this.#findings.error(where, 'POLICY_DUPLICATE_KEY', message, { key: true })
      }
    }
    return members
  }

  /** Tetragon ignores the case of field names; the API server does not. */
  #misspelt(key: string, name: string, path: string): void {
    const message = `${JSON.stringify(shortened(key, longestName))} is spelled ${JSON.stringify(name)}`
    this.#findings.warning(memberPath(path, name), 'POLICY_SPELLING', message, {
      key: true,
      suggestion: name,
    })
  }
}

/** Names of fields in lower case. */
const fieldsInLowerCase = new WeakMap<ObjectSchema, ReadonlyMap<string, string>>()
/** No field name is as long: a key may have a megabyte. */
const longestField = 64

/** The field of a key; case is ignored if no field matches exactly. */
function fieldNamed(schema: ObjectSchema, key: string): string | undefined {
  if (Object.hasOwn(schema.fields, key)) return key
  if (key.length > longestField) return undefined
  let names = fieldsInLowerCase.get(schema)
  if (names === undefined) {
    names = new Map(Object.keys(schema.fields).map((name) => [name.toLowerCase(), name]))
    fieldsInLowerCase.set(schema, names)
  }
  return names.get(key.toLowerCase())
}

/**
 * Whether nothing after the name of a field is an error. `selectors:` with everything below it
 * commented out would otherwise match every hit. Metadata may be empty as far as the API server
 * allows, and so may workload selectors. The word `null` is accepted: Go programs write it for a
 * list without items.
 */
function needsContent(field: Field): boolean {
  const schema = schemaOf(field)
  if (field.kind === 'default' || field.kind === 'required' || schema.kind === 'any') return false
  return !(schema.kind === 'object' && schema.nullable)
}

function isNull(node: Node | undefined): boolean {
  return node === undefined || (isScalar(node) && node.value === null)
}

/** A null without the word. Undefined is an unknown alias, which was already reported. */
function isUnwritten(node: Node | undefined): boolean {
  return isScalar(node) && node.value === null && node.source !== 'null'
}

function isEmptyString(node: Node | undefined): boolean {
  return isScalar(node) && node.value === ''
}

function describe(node: Node | undefined): string {
  if (isNull(node)) return 'nothing'
  return JSON.stringify(shortened(String((node as Scalar).value), longestName))
}

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

function fieldFor({ words }: IntegerSchema, { value }: Scalar): string | undefined {
  const word = String(value).toLowerCase()
  return words !== undefined && Object.hasOwn(words, word) ? words[word] : undefined
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
  const instead = fieldFor(schema, node)
  if (instead !== undefined) {
    return wrongType('a whole number', `${written(node)}: write ${JSON.stringify(instead)} instead`)
  }
  const whole = readInteger(node, BigInt(schema.min), BigInt(schema.max))
  return typeof whole === 'bigint' ? { value: Number(whole) } : whole
}
