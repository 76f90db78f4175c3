import { type Field, type ObjectSchema, type Schema, writtenSchema } from '../fields/schema.ts'
import { policySchema } from '../schema/tracing-policy.ts'

type Json = Record<string, unknown>

/** Objects become definitions, so that each is included once. */
class Definitions {
  readonly all: Json = {}

  refer(schema: ObjectSchema): Json {
    if (!Object.hasOwn(this.all, schema.title)) {
      // Added before its fields are read, since they may refer to it.
      this.all[schema.title] = {}
      this.all[schema.title] = this.#object(schema)
    }
    return { $ref: `#/definitions/${schema.title}` }
  }

  #object({ about, fields }: ObjectSchema): Json {
    const entries = Object.entries(fields)
    const required = entries.filter(([, field]) => field.kind === 'required').map(([name]) => name)
    return {
      description: about,
      type: 'object',
      additionalProperties: false,
      ...(required.length === 0 ? {} : { required }),
      properties: Object.fromEntries(entries.map(([name, field]) => [name, this.#field(field)])),
    }
  }

  #field(field: Field): Json {
    const json = this.#schema(writtenSchema(field))
    return field.kind === 'default' ? { ...json, default: field.value } : json
  }

  #schema(schema: Schema): Json {
    const { doc: description } = schema
    switch (schema.kind) {
      case 'string': {
        const { minLength } = schema
        return { type: 'string', description, ...(minLength === undefined ? {} : { minLength }) }
      }
      case 'integer':
        return { type: 'integer', description, minimum: schema.min, maximum: schema.max }
      case 'wide':
        return { type: 'integer', description, minimum: 0 }
      case 'boolean':
        return { type: 'boolean', description }
      case 'enum':
        return { enum: [...schema.values, ...Object.keys(schema.aliases)], description }
      case 'list':
        return {
          type: 'array',
          description,
          items: this.#schema(schema.item),
          ...(schema.maxItems === undefined ? {} : { maxItems: schema.maxItems }),
        }
      case 'map':
        return { type: 'object', description, additionalProperties: this.#schema(schema.value) }
      case 'any':
        return { description }
      case 'object':
        return { ...this.refer(schema), description }
    }
  }
}

/** JSON Schema (draft 7) of a policy, for editors. */
export function editorSchema(): Json {
  const definitions = new Definitions()
  const root = definitions.refer(policySchema)
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Tetragon TracingPolicy',
    ...root,
    definitions: definitions.all,
  }
}

/** The schema as a JSON file. */
export function editorSchemaFile(): string {
  return `${JSON.stringify(editorSchema(), undefined, 2)}\n`
}
