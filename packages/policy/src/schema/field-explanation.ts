import { type Field, type Schema, schemaOf } from '../fields/schema.ts'

/** Explanation of a field, for `tetra explain` and for editors. */
export interface FieldExplanation {
  readonly name: string
  /** As kubectl writes it: `string`, `[]object`, `map[string]string`. */
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

/** The innermost type of lists and maps. */
export function innermost(schema: Schema): Schema {
  if (schema.kind === 'list') return innermost(schema.item)
  return schema.kind === 'map' ? innermost(schema.value) : schema
}

/** Explains a field. @param depth number of levels below it that are included */
export function explainField(name: string, field: Field, depth: number): FieldExplanation {
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

/** Facts besides the description: `<string> -required-`, the default in parentheses. */
export function fieldFacts(field: FieldExplanation): string {
  const required = field.required ? ' -required-' : ''
  const value = field.default === undefined || field.default === '' ? '' : ` (${field.default})`
  return `<${field.type}>${required}${value}`
}

/** Allowed values or bounds as a sentence; empty without. */
export function fieldLimits({ enum: values, minimum, maximum, type }: FieldExplanation): string {
  if (values !== undefined) return `One of: ${values.join(', ')}`
  // Bounds of the type itself are not shown.
  if (minimum === undefined || (minimum === 0 && maximum === 0xffff_ffff)) return ''
  return type.endsWith('integer') ? `From ${minimum} to ${maximum}` : ''
}

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
