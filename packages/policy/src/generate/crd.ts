import { stringify } from 'yaml'
import {
  type Field,
  type ObjectSchema,
  type Rule,
  type Schema,
  schemaOf,
  writtenSchema,
} from '../fields/schema.ts'
import { schemaVersion, versionLabel } from '../schema/crd-version.ts'
import {
  detectionRuleColumns,
  detectionRuleKind,
  detectionRuleSchema,
} from '../schema/detection-rule.ts'
import {
  kernelObjectColumns,
  kernelObjectKind,
  kernelObjectSchema,
} from '../schema/kernel-object.ts'
import { nodeStatusColumns, nodeStatusKind, nodeStatusSchema } from '../schema/node-status.ts'
import { podInfoKind, podInfoSchema } from '../schema/pod-info.ts'
import { type PolicyKind, policyKinds } from '../schema/policy-kinds.ts'
import { policyColumns, policyStatusSchema } from '../schema/policy-status.ts'
import type { PrinterColumn } from '../schema/printer-column.ts'
import { policySchema, specSchema } from '../schema/tracing-policy.ts'

export { versionLabel } from '../schema/crd-version.ts'

type Json = Record<string, unknown>

const int32Max = 2 ** 31 - 1

/** The OpenAPI schema of a value, in the structural form that the API server requires. */
function openApi(schema: Schema): Json {
  const described = schema.doc === '' ? {} : { description: schema.doc }
  switch (schema.kind) {
    case 'string': {
      const { minLength, maxLength, pattern } = schema
      const limits = {
        ...(minLength === undefined ? {} : { minLength }),
        ...(maxLength === undefined ? {} : { maxLength }),
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
  const json = openApi(writtenSchema(field))
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

/** A CustomResourceDefinition. */
export interface Crd {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> }
  readonly spec: CrdSpec
}

interface CrdSpec {
  readonly group: string
  readonly names: {
    readonly categories: readonly string[]
    readonly kind: string
    readonly plural: string
    readonly shortNames: readonly string[]
    readonly [other: string]: unknown
  }
  readonly scope: 'Cluster' | 'Namespaced'
  readonly versions: readonly CrdVersion[]
}

interface CrdVersion {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly schema: { readonly openAPIV3Schema: Json & { readonly properties: Json } }
  readonly subresources?: { readonly status: object }
  readonly additionalPrinterColumns?: readonly PrinterColumn[]
}

/** The names of a kind in the API server. */
interface KindNames {
  readonly kind: string
  readonly plural: string
  readonly shortName: string
  readonly scope: 'Cluster' | 'Namespaced'
}

/**
 * @param own schemas of the members besides those that every object has
 * @param required names of own members
 * @param more members of the version besides its schema
 */
function definition(
  { kind, plural, shortName, scope }: KindNames,
  schema: ObjectSchema,
  own: Json,
  required: readonly string[],
  more: Pick<CrdVersion, 'subresources' | 'additionalPrinterColumns'> = {},
): Crd {
  const { apiVersion, kind: kindField } = schema.fields
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.cilium.io`, labels: { [versionLabel]: schemaVersion } },
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
              description: schema.doc,
              required: ['metadata', ...required],
              properties: {
                apiVersion: { type: 'string', description: schemaOf(apiVersion).doc },
                kind: { type: 'string', description: schemaOf(kindField).doc },
                metadata: { type: 'object' },
                ...own,
              },
            },
          },
          ...more,
        },
      ],
    },
  }
}

/** The CustomResourceDefinition of a kind of policy. */
export function customResourceDefinition(kind: PolicyKind): Crd {
  const spec = { description: specSchema.doc, ...objectSchema(specSchema, kind.rules) }
  return definition(kind, policySchema, { spec, status: openApi(policyStatusSchema) }, ['spec'], {
    // Only the operator's account may write the status.
    subresources: { status: {} },
    additionalPrinterColumns: policyColumns,
  })
}

/** The CustomResourceDefinition of what agents report about policies. */
function nodeStatusCrd(): Crd {
  const own = { status: openApi(schemaOf(nodeStatusSchema.fields.status)) }
  return definition(nodeStatusKind, nodeStatusSchema, own, [], {
    additionalPrinterColumns: nodeStatusColumns,
  })
}

/** The CustomResourceDefinition of descriptions of kernels. */
function kernelCrd(): Crd {
  const { spec, status } = kernelObjectSchema.fields
  const own = { spec: openApi(schemaOf(spec)), status: openApi(schemaOf(status)) }
  return definition(kernelObjectKind, kernelObjectSchema, own, ['spec'], {
    // Agents may write the status only.
    subresources: { status: {} },
    additionalPrinterColumns: kernelObjectColumns,
  })
}

/** The CustomResourceDefinition of detection rules. */
function detectionRuleCrd(): Crd {
  const { spec, status } = detectionRuleSchema.fields
  const own = { spec: openApi(schemaOf(spec)), status: openApi(schemaOf(status)) }
  return definition(detectionRuleKind, detectionRuleSchema, own, ['spec'], {
    // Only the operator's account may write the status.
    subresources: { status: {} },
    additionalPrinterColumns: detectionRuleColumns,
  })
}

/**
 * The CustomResourceDefinitions of all kinds of policies, of detection rules, of their status on
 * nodes, and of the kernels of nodes.
 */
export function policyCrds(): Crd[] {
  const policies = policyKinds.map(customResourceDefinition)
  return [...policies, detectionRuleCrd(), nodeStatusCrd(), kernelCrd()]
}

/** The CustomResourceDefinition of PodInfo. */
export function podInfoCrd(): Crd {
  const { apiVersion: _, kind: __, metadata: ___, ...own } = podInfoSchema.fields
  const properties = Object.entries(own).map(([name, field]) => [name, property(field)])
  return definition(
    { ...podInfoKind, scope: 'Namespaced' },
    podInfoSchema,
    Object.fromEntries(properties),
    [],
  )
}

/** A CRD as a YAML file. */
export function crdFile(crd: Crd): string {
  const head = `# Made from packages/policy/src/schema: npm run generate -w packages/policy\n`
  const options = { lineWidth: 100, indentSeq: false, aliasDuplicateObjects: false }
  return head + stringify(crd, options)
}
