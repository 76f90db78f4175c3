import { choice } from '@tetragon-ts/service/options'
import { ecs } from './ecs/ecs.ts'
import { ocsf } from './ocsf/ocsf.ts'
import type { Schema } from './schema.ts'

/** The schemas of events, by name. */
export const schemas = {
  tetragon: (_event, _host, line) => line.toString('utf8'),
  ecs,
  ocsf,
} as const satisfies Record<string, Schema>

export type SchemaName = keyof typeof schemas

/** The parameter that chooses a schema. */
export const schemaParameters = {
  schema: choice({
    choices: Object.keys(schemas) as SchemaName[],
    default: 'tetragon',
    help: 'the form of events',
  }),
}
