import { isDeepStrictEqual } from 'node:util'
import { type ApiClient, ApiError, fields, text } from '@tetragon-ts/kubernetes'
import { type NodeStatus, nodeStatusKind } from '@tetragon-ts/policy/status'

/** The pod of the agent. */
export interface OwnPod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
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
  async write(status: NodeStatus, signal: AbortSignal): Promise<void> {
    try {
      this.#keep(await this.#send(status, signal))
    } catch (error) {
      this.#version = undefined
      if (!(error instanceof ApiError) || error.status !== conflict) throw error
      await this.#overwrite(status, signal)
    }
  }

  /** Whether the stored report is another one. @throws ApiError, Error of the connection */
  async differs(status: NodeStatus, signal: AbortSignal): Promise<boolean> {
    try {
      return !this.#isSame(await this.#read(signal), status)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== notFound) throw error
      this.#version = undefined
      return true
    }
  }

  /** Of an agent that ran in this pod before, or changed by someone else. */
  async #overwrite(status: NodeStatus, signal: AbortSignal): Promise<void> {
    if (!this.#isSame(await this.#read(signal), status)) {
      this.#keep(await this.#send(status, signal))
    }
  }

  #isSame(stored: unknown, status: NodeStatus): boolean {
    return isDeepStrictEqual(fields(stored).status, status)
  }

  async #read(signal: AbortSignal): Promise<unknown> {
    const path = `${this.#folder}/${encodeURIComponent(this.#pod.name)}`
    return this.#keep(await this.#client.get(path, signal))
  }

  #keep(stored: unknown): unknown {
    this.#version = text(fields(fields(stored).metadata).resourceVersion) || undefined
    return stored
  }

  #send(status: NodeStatus, signal: AbortSignal): Promise<unknown> {
    const { name, namespace, uid } = this.#pod
    const resourceVersion = this.#version
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name, uid }]
    const metadata = { name, namespace, ownerReferences }
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
