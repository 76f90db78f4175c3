import type { PolicyKind } from '../schema/policy-kinds.ts'

const apiVersion = 'cilium.io/v1alpha1'
/** Annotation with the whole object once more. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** A policy of the API server that was not read yet. */
export interface PolicyContent {
  readonly name: string
  /** Empty for a TracingPolicy. */
  readonly namespace: string
  /** Name for messages, such as `TracingPolicy block-mount`. */
  readonly title: string
  /** The object without the fields that the server adds. */
  readonly content: object
}

/** Fields of objects, unchecked. */
interface ObjectFields {
  readonly metadata?: {
    readonly name?: unknown
    readonly namespace?: unknown
    readonly labels?: unknown
    readonly annotations?: unknown
  } | null
  readonly spec?: unknown
}

/** @returns undefined for an object without a name, which no API server returns */
export function policyContent(
  { kind, scope }: PolicyKind,
  object: object,
): PolicyContent | undefined {
  const { metadata, spec } = object as ObjectFields
  const { name, labels, annotations } = metadata ?? {}
  const isNamespaced = scope === 'Namespaced'
  const namespace = isNamespaced ? metadata?.namespace || undefined : ''
  if (typeof name !== 'string' || typeof namespace !== 'string') return undefined
  const content = {
    apiVersion,
    kind,
    metadata: {
      name,
      labels,
      annotations: withoutLastApplied(annotations),
      ...(isNamespaced ? { namespace } : {}),
    },
    spec,
  }
  const title = `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`
  return { name, namespace, title, content }
}

function withoutLastApplied(annotations: unknown): unknown {
  if (typeof annotations !== 'object' || annotations === null) return annotations
  return { ...annotations, [lastApplied]: undefined }
}
