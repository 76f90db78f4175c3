import {
  explainField,
  type Field,
  type FieldExplanation,
  innermost,
  policySchema,
  schemaOf,
} from '@tetragon-ts/policy/schema'
import { yamlContext } from './yaml-context.ts'

// Completion and documentation from the schema, the source of `tetra explain`.

/** A name or value that can be written at a position. */
export interface Suggestion {
  readonly text: string
  /** A field, to be explained; undefined for a value. */
  readonly field: FieldExplanation | undefined
  /** With the colon of a field. */
  readonly insert: string
}

/** The field that a name in a text is about. */
export interface Explained {
  /** Offsets of the name. */
  readonly from: number
  readonly to: number
  /** With the names around it: `spec.kprobes.call`. */
  readonly path: string
  readonly field: FieldExplanation
}

/** What can be written at a position, and where it starts; undefined: the schema says nothing. */
export function suggestionsAt(
  text: string,
  offset: number,
): { readonly from: number; readonly suggestions: readonly Suggestion[] } | undefined {
  const context = yamlContext(text, offset)
  if (context === undefined) return undefined
  const { path, place, from } = context
  const field = fieldAt(path)
  // Users choose the names in maps.
  if (field === undefined || schemaOf(field).kind === 'map') return undefined
  const inner = innermost(schemaOf(field))
  if (inner.kind === 'object') {
    if (place !== 'key') return undefined
    const suggestions = Object.entries(inner.fields).map(([name, each]): Suggestion => {
      const isNested = ['object', 'list', 'map'].includes(schemaOf(each).kind)
      const insert = `${name}:${isNested ? '' : ' '}`
      return { text: name, field: explainField(name, each, 0), insert }
    })
    return { from, suggestions }
  }
  const value = (each: string): Suggestion => ({ text: each, field: undefined, insert: each })
  if (inner.kind === 'boolean') return { from, suggestions: ['true', 'false'].map(value) }
  if (inner.kind !== 'enum') return undefined
  return { from, suggestions: inner.values.filter((each) => each !== '').map(value) }
}

/** Explains the field whose name or value is at a position. */
export function explanationAt(text: string, offset: number): Explained | undefined {
  const [before] = /[\w.$/-]*$/.exec(text.slice(0, offset)) ?? ['']
  const [after] = /^[\w.$/-]*/.exec(text.slice(offset)) ?? ['']
  const word = before + after
  const from = offset - before.length
  const context = word === '' ? undefined : yamlContext(text, from)
  if (context === undefined) return undefined
  const path = context.place === 'key' ? [...context.path, word] : context.path
  const names = fieldAt(path) === undefined ? context.path : path
  const field = fieldAt(names)
  const name = names.at(-1)
  if (field === undefined || name === undefined) return undefined
  const explained = explainField(name, field, 0)
  return { from, to: from + word.length, path: names.join('.'), field: explained }
}

/** Follows names from the whole policy. */
function fieldAt(path: readonly string[]): Field | undefined {
  let found: Field = policySchema
  for (const name of path) {
    const schema = schemaOf(found)
    const inner = schema.kind === 'map' ? schema : innermost(schema)
    if (inner.kind === 'map') found = inner.value
    else if (inner.kind === 'object' && Object.hasOwn(inner.fields, name)) {
      found = inner.fields[name]
    } else return undefined
  }
  return found
}
