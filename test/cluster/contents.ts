import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cluster, slowLimit } from './cluster.ts'
import { removeEndedPods } from './ended-pods.ts'
import { firstNode } from './node/names.ts'

/** The fields of an object that matter here. */
interface ClusterObject {
  readonly kind: string
  readonly apiVersion: string
  readonly type?: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly unknown[]
  }
}

/** What a cluster has: its objects, and the labels of its node. */
export interface Contents {
  readonly objects: ReadonlyMap<string, ClusterObject>
  readonly labels: readonly string[]
}

/** Kinds of objects that the cluster makes and deletes by itself. */
const ownKinds = new Set(['Event', 'Endpoints', 'EndpointSlice', 'APIService'])

/** Folders of the node in which agents keep files. */
const agentFolders = ['run/tetragon', 'var/log/tetragon']

/** Whether the cluster makes the object by itself, at any time. */
function isOwn({ kind, type, metadata: { namespace, labels = {} } }: ClusterObject): boolean {
  if (ownKinds.has(kind) || type === 'kubernetes.io/service-account-token') return true
  // The kubelet creates the lease of the node when it is ready.
  if (namespace === 'kube-node-lease') return true
  // Each controller gets an account when it needs one.
  const inSystem = namespace === 'kube-system'
  return kind === 'ServiceAccount' && inSystem && Object.keys(labels).length === 0
}

/** `Deployment.v1.apps` of kubectl; `Pod.v1.` for the core group. */
function fullKind({ kind, apiVersion }: ClusterObject): string {
  const [version, group = ''] = apiVersion.split('/').reverse()
  return `${kind}.${version}.${group}`
}

/**
 * The contents of a cluster. @throws Error while a kind is being created or deleted: its list, or
 * that of all kinds, is incomplete then
 */
export async function contentsOf(cluster: Cluster): Promise<Contents> {
  return { objects: await objectsOf(cluster), labels: await nodeLabels(cluster) }
}

/** The objects of a cluster. @throws Error as above */
async function objectsOf(cluster: Cluster): Promise<Contents['objects']> {
  const kinds = await cluster.kubectl('api-resources', '--verbs=list,delete', '-o', 'name')
  const all = ['get', kinds.trim().split('\n').join(), '--all-namespaces', '--ignore-not-found']
  const stdout = await cluster.kubectl(...all, '-o', 'json')
  const { items } = JSON.parse(stdout) as { readonly items: readonly ClusterObject[] }
  const objects = items
    .filter((each) => !isOwn(each))
    .map((each) => {
      const { name, namespace = '' } = each.metadata
      return [`${fullKind(each)} ${namespace}/${name}`, each] as const
    })
  return new Map(objects)
}

/** Names of the labels of the first node. */
async function nodeLabels(cluster: Cluster): Promise<readonly string[]> {
  const node = await cluster.kubectl('get', 'node', firstNode.name, '-o', 'json')
  const { metadata } = JSON.parse(node) as ClusterObject
  return Object.keys(metadata.labels ?? {})
}

/** Deletes objects without waiting for their end, by one command for each namespace. */
async function deleteObjects(cluster: Cluster, objects: readonly ClusterObject[]): Promise<void> {
  const names = new Map<string, string[]>()
  for (const object of objects) {
    const { namespace = '', name, ownerReferences } = object.metadata
    // Those with an owner end with it.
    if (ownerReferences !== undefined) continue
    names.set(namespace, [...(names.get(namespace) ?? []), `${fullKind(object)}/${name}`])
  }
  // Those in namespaces first: the CRDs of their kinds are in none.
  for (const [namespace, all] of [...names].sort().reverse()) {
    const where = namespace === '' ? [] : ['--namespace', namespace]
    const options = ['--ignore-not-found', '--wait=false', '--grace-period=1', ...where]
    // A kind may be gone by now.
    await cluster.tryKubectl(['delete', ...all, ...options])
  }
}

/**
 * Removes what tests have added: objects, labels of the node, files of agents.
 * @throws Error with the objects that are left
 */
export async function restoreContents(cluster: Cluster, before: Contents): Promise<void> {
  const labels = await nodeLabels(cluster)
  const others = labels.filter((name) => !before.labels.includes(name))
  if (others.length > 0) {
    await cluster.kubectl('label', 'node', firstNode.name, ...others.map((name) => `${name}-`))
  }
  let left: string | undefined
  // A program that is being ended can create an object again that was deleted before.
  const isRestored = async () => {
    const ending = await removeEndedPods(cluster)
    // A list of all objects is dear, and pods are the last ones that end.
    if (left !== undefined && ending > 0) return false
    const now = await objectsOf(cluster).catch(() => undefined)
    if (now === undefined) return false
    const added = [...now].filter(([title]) => !before.objects.has(title))
    left = added.map(([title]) => title).join()
    await deleteObjects(
      cluster,
      added.map(([, object]) => object),
    )
    return left === ''
  }
  await cluster
    .waitFor('the objects of the tests are deleted', isRestored, slowLimit)
    .catch((error: unknown) => {
      throw new Error(`remove the objects of tests: ${left ?? '(unknown)'}`, { cause: error })
    })
  for (const name of agentFolders) {
    await rm(join(cluster.folder, 'node', name), { recursive: true, force: true })
  }
}
