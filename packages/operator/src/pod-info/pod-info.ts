import { createHash } from 'node:crypto'
import { fields, list, podOrigin, text, texts, versionedWorkload } from '@tetragon-ts/kubernetes'

/** The fields of a PodInfo that the operator writes, by their names in the API. */
export interface PodInfo {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
    readonly ownerReferences: readonly object[]
  }
  readonly spec: { readonly hostNetwork: boolean; readonly nodeName: string }
  readonly status: { readonly podIP: string; readonly podIPs: readonly { readonly IP: string }[] }
  readonly workloadType: { readonly apiVersion: string; readonly kind: string }
  readonly workloadObject: { readonly name: string; readonly namespace: string }
}

/**
 * The PodInfo of a pod. The API server removes it with its owner, the pod.
 * @param pod an object of the API, of any content
 * @returns undefined until the pod has addresses
 */
export function podInfoOf(pod: unknown): PodInfo | undefined {
  const { metadata, spec, status } = fields(pod)
  const { uid, name, namespace, labels, annotations } = fields(metadata)
  const { podIP, podIPs } = fields(status)
  const addresses = list(podIPs).map((each) => ({ IP: text(fields(each).ip) }))
  const isComplete = [uid, name, namespace, podIP].every((each) => text(each) !== '')
  if (!isComplete || addresses.length === 0) return undefined
  const { workload, workloadKind, apiVersion } = versionedWorkload(podOrigin(metadata))
  // Without blockOwnerDeletion: a PodInfo never delays the deletion of its pod.
  const owner = { apiVersion: 'v1', kind: 'Pod', name: text(name), uid: text(uid) }
  return {
    metadata: {
      name: text(name),
      namespace: text(namespace),
      labels: texts(labels),
      annotations: texts(annotations),
      ownerReferences: [{ ...owner, controller: true }],
    },
    spec: { hostNetwork: fields(spec).hostNetwork === true, nodeName: text(fields(spec).nodeName) },
    status: { podIP: text(podIP), podIPs: addresses },
    workloadType: { apiVersion, kind: workloadKind },
    workloadObject: { name: workload, namespace: text(namespace) },
  }
}

/** The same fields of a stored PodInfo, of any content. */
export function readPodInfo(object: unknown): PodInfo {
  const { metadata, spec, status, workloadType, workloadObject } = fields(object)
  const { name, namespace, labels, annotations, ownerReferences } = fields(metadata)
  const { podIP, podIPs } = fields(status)
  return {
    metadata: {
      name: text(name),
      namespace: text(namespace),
      labels: texts(labels),
      annotations: texts(annotations),
      ownerReferences: list(ownerReferences).map(fields),
    },
    spec: { hostNetwork: fields(spec).hostNetwork === true, nodeName: text(fields(spec).nodeName) },
    status: {
      podIP: text(podIP),
      podIPs: list(podIPs).map((each) => ({ IP: text(fields(each).IP) })),
    },
    workloadType: {
      apiVersion: text(fields(workloadType).apiVersion),
      kind: text(fields(workloadType).kind),
    },
    workloadObject: {
      name: text(fields(workloadObject).name),
      namespace: text(fields(workloadObject).namespace),
    },
  }
}

/** The object for the API server. @param stored the object that it replaces */
export function podInfoObject(info: PodInfo, stored?: unknown): object {
  const metadata = { ...fields(fields(stored).metadata), ...info.metadata }
  return { apiVersion: 'cilium.io/v1alpha1', kind: 'PodInfo', ...info, metadata }
}

/** Bytes of a hash that fit into a number. */
const digestBytes = 6

/** A number that differs for different contents, in place of the content itself. Never zero. */
export function digestOf(info: PodInfo): number {
  const hash = createHash('sha256').update(canonicalJson(info)).digest()
  return hash.readUIntBE(0, digestBytes) + 1
}

/** JSON with members in the order of their names. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, each]) => `${JSON.stringify(name)}:${canonicalJson(each)}`).join()}}`
}
