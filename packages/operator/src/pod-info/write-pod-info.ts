import { type ApiClient, ApiError } from '@tetragon-ts/kubernetes'
import { digestOf, podInfoObject, podInfoOf, readPodInfo } from './pod-info.ts'

const [notFound, conflict] = [404, 409]

/** What a write did. */
export type PodInfoWrite = 'create' | 'update' | 'none'

/** Folder of the pods or the PodInfo objects of a namespace in the API. */
export const podPath = '/api/v1/pods'
export const podInfoPath = '/apis/cilium.io/v1alpha1/podinfo'

function inNamespace(path: string, key: string): { folder: string; object: string } {
  const [namespace, name] = key.split('/').map(encodeURIComponent)
  const at = path.lastIndexOf('/')
  const folder = `${path.slice(0, at)}/namespaces/${namespace}${path.slice(at)}`
  return { folder, object: `${folder}/${name}` }
}

/**
 * Makes the PodInfo of a pod agree with the pod, both as they are now in the API server. A write
 * names the version that it replaces: of two concurrent ones, the second fails.
 * @param key `NAMESPACE/NAME`
 * @param isNew whether no PodInfo is known; a guess, which saves a request
 * @throws ApiError, Error of the connection
 */
export async function writePodInfo(
  client: ApiClient,
  key: string,
  isNew: boolean,
  signal: AbortSignal,
): Promise<PodInfoWrite> {
  const pod = await unlessMissing(client.get(inNamespace(podPath, key).object, signal))
  const info = podInfoOf(pod)
  if (info === undefined) return 'none'
  const { folder, object } = inNamespace(podInfoPath, key)
  const create = () => client.create(folder, podInfoObject(info), signal)
  if (isNew && (await unlessExists(create()))) return 'create'
  const stored = await unlessMissing(client.get(object, signal))
  if (stored === undefined) {
    await create()
    return 'create'
  }
  if (digestOf(readPodInfo(stored)) === digestOf(info)) return 'none'
  await client.update(object, podInfoObject(info, stored), signal)
  return 'update'
}

/** Undefined if there is no such object. */
async function unlessMissing(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ApiError && error.status === notFound) return undefined
    throw error
  }
}

/** Whether the object was created; otherwise there is one already. */
async function unlessExists(creation: Promise<unknown>): Promise<boolean> {
  try {
    await creation
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === conflict) return false
    throw error
  }
}
