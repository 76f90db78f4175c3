import type { KubeObject } from '@tetragon-ts/kubernetes'
import {
  formatDiagnostic,
  type PolicyDocument,
  type PolicyKind,
  readPolicyObject,
} from '@tetragon-ts/policy'
import { RequestError } from '../../../request-error.ts'
import type { PolicyId } from '../../registry/policy-control.ts'
import { checkLength, checkSize } from '../client-limits.ts'
import { emptyPolicy } from '../client-text.ts'

const apiVersion = 'cilium.io/v1alpha1'
export const kubernetesDomain = 'k8s'

/** Path of the objects of a kind in the API, in all namespaces. */
export function resourcePath({ plural }: PolicyKind): string {
  return `/apis/${apiVersion}/${plural}`
}

/** Annotation with the whole object once more. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** A policy of the API server that was not read yet. */
export interface PolicyObject {
  readonly id: PolicyId
  /** Name for messages, such as `TracingPolicy block-mount`. */
  readonly title: string
  /** The object without the fields that the server adds. */
  readonly content: object
  /** Whether the labels of the node decide about it. */
  readonly selectsNodes: boolean
  /** Why it is refused unread; then its content was dropped. */
  readonly problem?: string
}

/** Fields of objects, unchecked. */
interface Fields {
  readonly metadata?: {
    readonly name?: unknown
    readonly namespace?: unknown
    readonly labels?: unknown
    readonly annotations?: unknown
  } | null
  readonly spec?: { readonly nodeSelector?: unknown } | null
}

/** @returns undefined for an object without a name, which no API server returns */
export function policyObject(
  { kind, scope }: PolicyKind,
  object: KubeObject | Fields,
): PolicyObject | undefined {
  const { metadata, spec } = object as Fields
  const { name, labels, annotations } = metadata ?? {}
  const isNamespaced = scope === 'Namespaced'
  const namespace = isNamespaced ? metadata?.namespace || undefined : ''
  if (typeof name !== 'string' || typeof namespace !== 'string') return undefined
  const content = {
    ...{ apiVersion, kind },
    metadata: {
      ...{ name, labels, annotations: withoutLastApplied(annotations) },
      ...(isNamespaced ? { namespace } : {}),
    },
    spec,
  }
  return {
    id: { name, namespace, domain: kubernetesDomain },
    title: `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`,
    content,
    selectsNodes: spec?.nodeSelector !== undefined,
  }
}

function withoutLastApplied(annotations: unknown): unknown {
  if (typeof annotations !== 'object' || annotations === null) return annotations
  return { ...annotations, [lastApplied]: undefined }
}

/** A policy, or an empty one in place of a policy that cannot be read. */
export interface ReadObject {
  readonly document: PolicyDocument
  /** Empty if the object cannot be written as JSON. */
  readonly json: string
  /** All errors. */
  readonly unreadable?: string
}

/** Reads a policy within the limits of clients. @throws RequestError for an illegal name */
export function readObject(object: PolicyObject): ReadObject {
  let json = ''
  try {
    if (object.problem !== undefined) throw refusal(object.title, object.problem)
    json = jsonOf(object)
    return { document: readWithinLimits(json, object.title), json }
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    const document = emptyPolicy(object.id.name)
    if (document === undefined) throw error
    return { document, json, unreadable: error.message }
  }
}

function refusal(title: string, problem: string): RequestError {
  return new RequestError('invalid', `read policy:\n${title}: error: ${problem}`)
}

/** @throws RequestError */
function jsonOf({ title, content }: PolicyObject): string {
  const refuse = (problem: string): never => {
    throw refusal(title, problem)
  }
  try {
    return JSON.stringify(content, (key, value: unknown) => {
      const isInexact = Number.isInteger(value) && !Number.isSafeInteger(value)
      return isInexact ? refuse(`${key}: integers above 2^53 - 1 are not supported here`) : value
    })
  } catch (error) {
    if (error instanceof RangeError) return refuse('it is nested too deeply')
    throw error
  }
}

/** @throws RequestError */
function readWithinLimits(json: string, title: string): PolicyDocument {
  checkLength(json)
  const { documents, diagnostics } = readPolicyObject(json, title)
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) {
    const lines = errors.map((each) => formatDiagnostic(each))
    throw new RequestError('invalid', `read policy:\n${lines.join('\n')}`)
  }
  checkSize(documents[0])
  return documents[0]
}
