import { policySchema, type Schema, schemaOf } from '@tetragon-ts/policy/schema'

/** A policy's value without irrelevant details. */
export type Normal = string | boolean | readonly Normal[] | { readonly [name: string]: Normal }

function isEmpty(value: Normal | undefined): boolean {
  return value === undefined || (typeof value === 'object' && Object.keys(value).length === 0)
}

/**
 * The normal form: policies with the same meaning have the same form. Defaults are filled in, empty
 * lists and maps omitted, numbers and aliases in one spelling, fields of the API server removed.
 */
function normalize(schema: Schema, value: unknown): Normal | undefined {
  switch (schema.kind) {
    case 'any':
      return undefined
    case 'list': {
      const items = Array.isArray(value) ? value : []
      return items.map((item) => normalize(schema.item, item) ?? '')
    }
    case 'map':
    case 'object': {
      if (typeof value !== 'object' || value === null) return undefined
      const given = value as Readonly<Record<string, unknown>>
      const names = schema.kind === 'map' ? Object.keys(given) : Object.keys(schema.fields)
      const entries = names.flatMap((name) => {
        const field = schema.kind === 'map' ? schema.value : schema.fields[name]
        const own = Object.hasOwn(given, name) ? given[name] : undefined
        const filled = own === undefined && field.kind === 'default' ? field.value : own
        if (filled === undefined || filled === null) return []
        const inner = schemaOf(field)
        const normal = normalize(inner, filled)
        // An empty workload selector selects all.
        const matters = inner.kind === 'object' ? normal !== undefined : !isEmpty(normal)
        return matters ? [[name, normal as Normal] as const] : []
      })
      return Object.fromEntries(entries)
    }
    case 'enum':
      return schema.aliases[String(value)] ?? String(value)
    case 'boolean':
      return value === true
    default:
      return String(value)
  }
}

/** The normal form of a valid policy. */
export function normalPolicy(document: unknown): Normal {
  return normalize(policySchema, document) ?? {}
}
