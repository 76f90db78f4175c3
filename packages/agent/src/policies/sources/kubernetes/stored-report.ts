import { isDeepStrictEqual } from 'node:util'
import { type ApiClient, ApiError, fields, text } from '@tetragon-ts/kubernetes'
import {
  kernelAnnotation,
  kernelText,
  type NodeKernel,
  type NodeStatus,
  nodeStatusKind,
} from '@tetragon-ts/policy/status'

/** The pod of the agent. */
export interface OwnPod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** What an agent reports. */
export interface NodeReport {
  readonly status: NodeStatus
  /** Undefined: not known yet. */
  readonly kernel: NodeKernel | undefined
}

const apiVersion = 'cilium.io/v1alpha1'
const [notFound, conflict] = [404, 409]

/**
 * The report of the agent in the API server. It has the name of the pod of the agent, so that an
 * admission rule can compare it with the pod of the token, and is deleted with the pod.
 */
export class StoredReport {
  readonly #client: ApiClient
  readonly #pod: OwnPod
  readonly #folder: string
  /** Undefined: it may or may not exist. */
  #version: string | undefined

  constructor(client: ApiClient, pod: OwnPod) {
    this.#client = client
    this.#pod = pod
    const namespace = encodeURIComponent(pod.namespace)
    this.#folder = `/apis/${apiVersion}/namespaces/${namespace}/${nodeStatusKind.plural}`
  }

  /** Creates or replaces it. @throws ApiError, Error of the connection */
  async write(report: NodeReport, signal: AbortSignal): Promise<void> {
    try {
      this.#keep(await this.#send(report, signal))
    } catch (error) {
      this.#version = undefined
      if (!(error instanceof ApiError) || error.status !== conflict) throw error
      await this.#overwrite(report, signal)
    }
  }

  /** Whether the stored report is another one. @throws ApiError, Error of the connection */
  async differs(report: NodeReport, signal: AbortSignal): Promise<boolean> {
    try {
      return !this.#isSame(await this.#read(signal), report)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== notFound) throw error
      this.#version = undefined
      return true
    }
  }

  /** Of an agent that ran in this pod before, or changed by someone else. */
  async #overwrite(report: NodeReport, signal: AbortSignal): Promise<void> {
    if (!this.#isSame(await this.#read(signal), report)) {
      this.#keep(await this.#send(report, signal))
    }
  }

  #isSame(stored: unknown, { status, kernel }: NodeReport): boolean {
    const { metadata, status: other } = fields(stored)
    const name = text(fields(fields(metadata).annotations)[kernelAnnotation])
    return isDeepStrictEqual(other, status) && name === (kernel ? kernelText(kernel) : '')
  }

  async #read(signal: AbortSignal): Promise<unknown> {
    const path = `${this.#folder}/${encodeURIComponent(this.#pod.name)}`
    return this.#keep(await this.#client.get(path, signal))
  }

  #keep(stored: unknown): unknown {
    this.#version = text(fields(fields(stored).metadata).resourceVersion) || undefined
    return stored
  }

  #send({ status, kernel }: NodeReport, signal: AbortSignal): Promise<unknown> {
    const { name, namespace, uid } = this.#pod
    const resourceVersion = this.#version
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name, uid }]
    const annotations = kernel && { [kernelAnnotation]: kernelText(kernel) }
    const metadata = { name, namespace, ownerReferences, ...(annotations && { annotations }) }
    const object = { apiVersion, kind: nodeStatusKind.kind, metadata, status }
    if (resourceVersion === undefined) return this.#client.create(this.#folder, object, signal)
    const path = `${this.#folder}/${encodeURIComponent(name)}`
    return this.#client.update(
      path,
      { ...object, metadata: { ...metadata, resourceVersion } },
      signal,
    )
  }
}
