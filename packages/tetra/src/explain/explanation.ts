import { type Field, type Schema, schemaOf } from '@tetragon-ts/policy/schema'
import { findField, innermost, splitPath } from './field-path.ts'
import { group, type Resource, version } from './resources.ts'

/** Explanation of a field. */
export interface FieldExplanation {
  readonly name: string
  readonly type: string
  readonly description: string
  readonly required?: boolean
  readonly default?: unknown
  /** Allowed values. */
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly fields?: readonly FieldExplanation[]
}

/** A resource or one of its fields. */
export interface Explanation extends FieldExplanation {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly path: string
}

/** The type as kubectl writes it: `string`, `[]Object`, `map[string]string`. */
function typeName(schema: Schema): string {
  switch (schema.kind) {
    case 'list':
      return `[]${typeName(schema.item)}`
    case 'map':
      return `map[string]${typeName(schema.value)}`
    case 'object':
      return 'object'
    case 'wide':
      return 'integer'
    case 'enum':
      return 'string'
    case 'any':
      return 'any'
    default:
      return schema.kind
  }
}

function fieldsOf(schema: Schema, depth: number): readonly FieldExplanation[] | undefined {
  const inner = innermost(schema)
  if (depth === 0 || inner.kind !== 'object') return undefined
  return Object.entries(inner.fields).map(([name, field]) => explainField(name, field, depth - 1))
}

function explainField(name: string, field: Field, depth: number): FieldExplanation {
  const schema = schemaOf(field)
  const inner = innermost(schema)
  const fields = fieldsOf(schema, depth)
  return {
    name,
    type: typeName(schema),
    description: schema.doc,
    ...(field.kind === 'required' ? { required: true } : {}),
    ...(field.kind === 'default' ? { default: field.value } : {}),
    ...(inner.kind === 'enum' ? { enum: inner.values.filter((value) => value !== '') } : {}),
    ...(inner.kind === 'integer' ? { minimum: inner.min, maximum: inner.max } : {}),
    ...(fields === undefined ? {} : { fields }),
  }
}

/** Explains the field at a path, with the fields below it; all levels if `recursive`. */
export function explain(resource: Resource, path: string, recursive: boolean): Explanation {
  const { kind, schema } = resource
  const { name, field } = findField(schema, splitPath(path))
  const depth = recursive ? Number.POSITIVE_INFINITY : 1
  return { group, version, kind, path, ...explainField(name || kind, field, depth) }
}
