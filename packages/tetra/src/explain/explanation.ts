import { explainField, type FieldExplanation } from '@tetragon-ts/policy/schema'
import { findField, splitPath } from './field-path.ts'
import { group, type Resource, version } from './resources.ts'

/** A resource or one of its fields. */
export interface Explanation extends FieldExplanation {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly path: string
}

/** Explains the field at a path, with the fields below it; all levels if `recursive`. */
export function explain(resource: Resource, path: string, recursive: boolean): Explanation {
  const { kind, schema } = resource
  const { name, field } = findField(schema, splitPath(path))
  const depth = recursive ? Number.POSITIVE_INFINITY : 1
  return { group, version, kind, path, ...explainField(name || kind, field, depth) }
}
