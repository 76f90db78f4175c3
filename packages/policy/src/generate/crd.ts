import { stringify } from 'yaml'
import type { PolicyKind } from '../schema/policy-kinds.ts'
import {
  type Field,
  type ObjectSchema,
  type Rule,
  type Schema,
  schemaOf,
} from '../schema/schema.ts'
import { policySchema, specSchema } from '../schema/tracing-policy.ts'

type Json = Record<string, unknown>

const int32Max = 2 ** 31 - 1

/** The OpenAPI schema of a value, in the structural form that the API server requires. */
function openApi(schema: Schema): Json {
  const described = schema.doc === '' ? {} : { description: schema.doc }
  switch (schema.kind) {
    case 'string': {
      const { minLength, pattern } = schema
      const limits = {
        ...(minLength === undefined ? {} : { minLength }),
        ...(pattern === undefined ? {} : { pattern }),
      }
      return { type: 'string', ...described, ...limits }
    }
    case 'integer': {
      const { min, max } = schema
      const format = max > int32Max ? 'int64' : 'int32'
      return { type: 'integer', format, ...described, minimum: min, maximum: max }
    }
    case 'wide':
      return { type: 'integer', format: 'int64', ...described, minimum: 0 }
    case 'boolean':
      return { type: 'boolean', ...described }
    case 'enum': {
      const spellings = [...schema.values, ...Object.keys(schema.aliases)]
      return { type: 'string', ...described, enum: spellings }
    }
    case 'list':
      return {
        type: 'array',
        ...described,
        items: openApi(schema.item),
        ...(schema.maxItems === undefined ? {} : { maxItems: schema.maxItems }),
      }
    case 'map':
      return { type: 'object', ...described, additionalProperties: openApi(schema.value) }
    case 'any':
      return { ...described, 'x-kubernetes-preserve-unknown-fields': true }
    case 'object':
      return { ...objectSchema(schema), ...described }
  }
}

function property(field: Field): Json {
  const json = openApi(schemaOf(field))
  return field.kind === 'default' ? { ...json, default: field.value } : json
}

function objectSchema({ fields, rules }: ObjectSchema, more: readonly Rule[] = []): Json {
  const entries = Object.entries(fields)
  const required = entries.filter(([, field]) => field.kind === 'required').map(([name]) => name)
  const validations = [...rules, ...more]
  return {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(entries.map(([name, field]) => [name, property(field)])),
    ...(validations.length === 0 ? {} : { 'x-kubernetes-validations': validations }),
  }
}

/** The CustomResourceDefinition of a kind of policy. */
export function customResourceDefinition({ kind, plural, shortName, scope, rules }: PolicyKind) {
  const { apiVersion, kind: kindField } = policySchema.fields
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.cilium.io` },
    spec: {
      group: 'cilium.io',
      names: {
        categories: ['tetragon'],
        kind,
        listKind: `${kind}List`,
        plural,
        shortNames: [shortName],
        singular: kind.toLowerCase(),
      },
      scope,
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: policySchema.doc,
              required: ['metadata', 'spec'],
              properties: {
                apiVersion: { type: 'string', description: apiVersion.schema.doc },
                kind: { type: 'string', description: kindField.schema.doc },
                metadata: { type: 'object' },
                spec: { description: specSchema.doc, ...objectSchema(specSchema, rules) },
              },
            },
          },
        },
      ],
    },
  }
}

/** The CRD as a YAML file. */
export function crdFile(kind: PolicyKind): string {
  const head = `# Made from packages/policy/src/schema: npm run generate -w packages/policy\n`
  const options = { lineWidth: 100, indentSeq: false, aliasDuplicateObjects: false }
  return head + stringify(customResourceDefinition(kind), options)
}
