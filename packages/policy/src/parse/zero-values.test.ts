import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { type Field, type ObjectSchema, type Schema, schemaOf } from '../fields/schema.ts'
import { argumentSchema } from '../schema/argument.ts'
import { everythingPolicy } from '../schema/index.ts'
import { policySchema } from '../schema/tracing-policy.ts'
import { readPolicies } from './policy-document.ts'

// Go programs that marshal Tetragon's types write the zero value of a field without `omitempty`: an
// empty string, 0, false, or null for a list, a map or a pointer. It means what a missing field
// means.

type Json = Record<string, unknown>

/** How lists are written that have no items. */
type EmptyList = null | readonly never[]

/** The zero value of a field; undefined for a field without, or with a meaning of its own. */
function zeroValue(field: Field, emptyList: EmptyList): unknown {
  if (field.kind === 'required') return undefined
  switch (schemaOf(field).kind) {
    case 'string':
    case 'enum':
      return ''
    case 'integer':
    case 'wide':
      return 0
    case 'boolean':
      // `syscall` is true by default, in Tetragon as well.
      return field.kind === 'default' && field.value === true ? undefined : false
    case 'list':
      return emptyList
    default:
      return null
  }
}

function zeroValues({ fields }: ObjectSchema, emptyList: EmptyList): Json {
  const values = Object.entries(fields).map(([name, field]) => [name, zeroValue(field, emptyList)])
  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
}

/** The kinds of objects in a policy, by title. */
function objectSchemas(schema: Schema, found = new Map<string, ObjectSchema>()) {
  if (schema.kind === 'list') objectSchemas(schema.item, found)
  else if (schema.kind === 'map') objectSchemas(schema.value, found)
  else if (schema.kind === 'object' && !found.has(schema.title)) {
    found.set(schema.title, schema)
    for (const field of Object.values(schema.fields)) objectSchemas(schemaOf(field), found)
  }
  return found
}

/** A document in which objects with these titles have zero values for fields that they lack. */
function withZeroValues(
  document: unknown,
  schema: Schema,
  titles: readonly string[],
  emptyList: EmptyList = null,
): unknown {
  const inner = (value: unknown, of: Schema) => withZeroValues(value, of, titles, emptyList)
  if (document === null || document === undefined) return document
  if (schema.kind === 'list') return (document as Json[]).map((item) => inner(item, schema.item))
  const entries = Object.entries(document as Json)
  if (schema.kind === 'map') {
    return Object.fromEntries(entries.map(([key, item]) => [key, inner(item, schema.value)]))
  }
  if (schema.kind !== 'object') return document
  const written = entries.map(([name, value]) => [
    name,
    inner(value, schemaOf(schema.fields[name])),
  ])
  const zeros = titles.includes(schema.title) ? zeroValues(schema, emptyList) : {}
  return { ...zeros, ...Object.fromEntries(written) }
}

/** What is read, and the findings without their positions in the text. */
function meaningOf(text: string) {
  const { documents, diagnostics } = readPolicies(text, 'test')
  const findings = diagnostics.map(
    ({ severity, path, message }) => `${severity} ${path} ${message}`,
  )
  return { policies: documents.map(({ policy }) => policy), findings }
}

const everything: unknown = parse(everythingPolicy())
const expected = meaningOf(JSON.stringify(everything))
const titles = [...objectSchemas(policySchema).keys()]

for (const title of titles) {
  for (const emptyList of [null, []]) {
    test(`${title} with zero values and ${JSON.stringify(emptyList)} for empty lists`, () => {
      const given = withZeroValues(everything, policySchema, [title], emptyList)
      assert.deepEqual(meaningOf(JSON.stringify(given)), expected)
    })
  }
}

test('YAML with all zero values means the same', () => {
  const given = withZeroValues(everything, policySchema, titles)
  assert.deepEqual(meaningOf(stringify(given, { version: '1.1' })), expected)
})

test('an empty returnArg, as older types write it, is none', () => {
  const hook = { call: 'sys_read', return: false }
  const content = (hook: Json) => ({ ...(everything as Json), spec: { kprobes: [hook] } })
  const returnArg = zeroValues(argumentSchema, null)
  const given = meaningOf(JSON.stringify(content({ ...hook, returnArg })))
  assert.deepEqual(given, meaningOf(JSON.stringify(content(hook))))
})

const library = new URL('../../../../policies/', import.meta.url)
const files = readdirSync(library, { recursive: true, encoding: 'utf8' })
  // Policies of `tests` are templates; `rules` has detection rules.
  .filter((name) => name.endsWith('.yaml') && !/^(?:tests|rules)\//.test(name))

test('policies of the library with all zero values mean the same', () => {
  assert.ok(files.length > 20)
  for (const file of files) {
    for (const document of parseAllDocuments(readFileSync(new URL(file, library), 'utf8'))) {
      const content: unknown = document.toJS()
      const given = withZeroValues(content, policySchema, titles)
      assert.deepEqual(meaningOf(JSON.stringify(given)), meaningOf(JSON.stringify(content)), file)
    }
  }
})
