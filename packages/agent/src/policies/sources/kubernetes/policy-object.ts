import {
  formatDiagnostic,
  type PolicyContent,
  type PolicyDocument,
  type PolicyKind,
  policyContent,
  readPolicyContent,
} from '@tetragon-ts/policy'
import { policyRef } from '@tetragon-ts/policy/status'
import { RequestError } from '../../../request-error.ts'
import type { PolicyId } from '../../registry/policy-control.ts'
import { emptyPolicy } from '../client-text.ts'

export const kubernetesDomain = 'k8s'

/** Path of the objects of a kind in the API, in all namespaces. */
export function resourcePath({ plural }: PolicyKind): string {
  return `/apis/cilium.io/v1alpha1/${plural}`
}

/** A policy of the API server that was not read yet. */
export interface PolicyObject extends Pick<PolicyContent, 'title' | 'content'> {
  readonly id: PolicyId
  /** Whether the labels of the node decide about it. */
  readonly selectsNodes: boolean
  /** Its name in reports of its state; undefined for an object that was saved. */
  readonly ref?: string | undefined
  /** Number of nodes in its status. */
  readonly nodes?: number | undefined
  /** Why it is refused unread; then its content was dropped. */
  readonly problem?: string
}

/** Fields of objects, unchecked. */
interface Fields {
  readonly metadata?: { readonly uid?: unknown; readonly generation?: unknown } | null
  readonly spec?: { readonly nodeSelector?: unknown } | null
  readonly status?: { readonly nodes?: unknown } | null
}

/** @returns undefined for an object without a name, which no API server returns */
export function policyObject(kind: PolicyKind, object: object): PolicyObject | undefined {
  const { metadata, spec, status } = object as Fields
  const policy = policyContent(kind, object)
  if (policy === undefined) return undefined
  const { name, namespace, title, content } = policy
  const { uid, generation } = metadata ?? {}
  return {
    title,
    content,
    id: { name, namespace, domain: kubernetesDomain },
    selectsNodes: spec?.nodeSelector !== undefined,
    ref:
      typeof uid === 'string' && typeof generation === 'number'
        ? policyRef(uid, generation)
        : undefined,
    nodes: typeof status?.nodes === 'number' ? status.nodes : undefined,
  }
}

/** The content as JSON; undefined if it is nested too deeply. Large integers are inexact. */
export function contentText({ content }: PolicyObject): string | undefined {
  try {
    return JSON.stringify(content)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
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
  const { id, title, problem } = object
  if (problem !== undefined) return refused(id, '', `${title}: error: ${problem}`)
  const { document, diagnostics, json } = readPolicyContent(object)
  if (document !== undefined) return { document, json }
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  return refused(id, json, errors.map((each) => formatDiagnostic(each)).join('\n'))
}

function refused({ name }: PolicyId, json: string, errors: string): ReadObject {
  const unreadable = `read policy:\n${errors}`
  const document = emptyPolicy(name)
  if (document === undefined) throw new RequestError('invalid', unreadable)
  return { document, json, unreadable }
}
