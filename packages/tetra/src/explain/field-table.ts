import { innermost, type ObjectSchema, type Schema, schemaOf } from '@tetragon-ts/policy/schema'
import type { NameTable } from '../command.ts'
import type { Resource } from './resources.ts'

/** Names of resources, and the fields of each object of their schemas, for completion. */
export function fieldTable(resources: readonly Resource[]): NameTable {
  const objects: ObjectSchema[] = []
  const indexOf = (schema: Schema): number | undefined => {
    const inner = innermost(schema)
    if (inner.kind !== 'object') return undefined
    const known = objects.indexOf(inner)
    // The first row has the resources.
    return (known === -1 ? objects.push(inner) - 1 : known) + 1
  }
  const names = resources.flatMap(({ plural, shortName, kind, schema }) =>
    [plural, shortName, kind].map((name) => [name, indexOf(schema)] as const),
  )
  const rows = [names]
  // The list grows while its objects are visited.
  for (const { fields } of objects) {
    rows.push(
      Object.entries(fields).map(([name, field]) => [name, indexOf(schemaOf(field))] as const),
    )
  }
  return rows
}
