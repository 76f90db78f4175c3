import { type Field, type Schema, schemaOf } from '../fields/schema.ts'
import { memberPath } from './path.ts'

function fieldPlaceholder(field: Field, path: string): unknown {
  if (field.kind === 'default') return field.value
  const schema = schemaOf(field)
  if (field.kind === 'required' || schema.kind === 'list' || schema.kind === 'map') {
    return placeholder(schema, path)
  }
  return undefined
}

/** A value of a schema's type, in place of an invalid one. */
export function placeholder(schema: Schema, path: string): unknown {
  switch (schema.kind) {
    case 'string':
      return ''
    case 'integer':
      return Math.max(schema.min, 0)
    case 'wide':
      return 0n
    case 'boolean':
      return false
    case 'enum':
      return schema.values[0]
    case 'list':
      return []
    case 'map':
      return {}
    case 'any':
      return undefined
    case 'object': {
      const fields = Object.entries(schema.fields).map(([name, field]) => [
        name,
        fieldPlaceholder(field, memberPath(path, name)),
      ])
      return { at: path, ...Object.fromEntries(fields) }
    }
  }
}
