import {
  type ApiClient,
  fields,
  type KubeObject,
  list,
  listPages,
  text,
  watchResources,
} from '@tetragon-ts/kubernetes'
import { ClusterError, requestFailed } from './cluster-error.ts'
import type { ClusterSettings } from './cluster-settings.ts'

/** The container of the agent in its pod. */
export const agentContainer = 'tetragon'

/** A pod of an agent. */
export interface AgentPod {
  readonly uid: string
  readonly name: string
  /** Empty: none yet. */
  readonly node: string
  /** Why the agent cannot be asked; empty if its container runs. */
  readonly problem: string
}

/** Reads the fields of a pod that are needed here. */
export function readAgentPod(object: KubeObject): AgentPod {
  const { metadata, spec, status } = fields(object)
  const { name, uid, deletionTimestamp } = fields(metadata)
  const pod = `pod ${text(name)}`
  const problem = deletionTimestamp === undefined ? problemOf(status) : 'is being deleted'
  return {
    uid: text(uid),
    name: text(name),
    node: text(fields(spec).nodeName) || intendedNode(spec),
    problem: problem && `${pod} ${problem}`,
  }
}

/** The node that a DaemonSet has made a pod for, before the pod is scheduled. */
function intendedNode(spec: unknown): string {
  const { nodeAffinity } = fields(fields(spec).affinity)
  const required = fields(fields(nodeAffinity).requiredDuringSchedulingIgnoredDuringExecution)
  const [term] = list(required.nodeSelectorTerms)
  const found = list(fields(term).matchFields)
    .map(fields)
    .find(({ key }) => key === 'metadata.name')
  return text(list(found?.values)[0])
}

function problemOf(status: unknown): string {
  const { phase, containerStatuses } = fields(status)
  const found = list(containerStatuses)
    .map(fields)
    .find(({ name }) => name === agentContainer)
  const { running, waiting } = fields(found?.state)
  if (running !== undefined) return ''
  if (found === undefined && phase === 'Running') return `has no container ${agentContainer}`
  return `is ${text(fields(waiting).reason) || text(phase) || 'unknown'}`
}

/** Omits pods without a node, and those that cannot be asked and are replaced by another one. */
export function currentPods(pods: Iterable<AgentPod>): AgentPod[] {
  const all = [...pods].filter(({ node }) => node !== '')
  const running = new Set(all.filter(({ problem }) => problem === '').map(({ node }) => node))
  const byNode = new Map(all.map((pod) => [pod.node, pod]))
  return all.filter(({ node, problem, uid }) => {
    return problem === '' || (!running.has(node) && byNode.get(node)?.uid === uid)
  })
}

/** The pods of the agents. */
export class AgentPods {
  readonly #client: ApiClient
  readonly #settings: ClusterSettings
  readonly #path: string

  constructor(client: ApiClient, settings: ClusterSettings) {
    this.#client = client
    this.#settings = settings
    this.#path = `/api/v1/namespaces/${encodeURIComponent(settings.namespace)}/pods`
  }

  get #query(): string {
    return `labelSelector=${encodeURIComponent(this.#settings.selector)}`
  }

  /** @throws ClusterError, also if there is none */
  async list(signal: AbortSignal): Promise<AgentPod[]> {
    const { namespace, selector, address } = this.#settings
    const path = `${this.#path}?${this.#query}`
    const pods = await readAll(this.#client, path, signal, readAgentPod).catch((error) => {
      const rights = `the verbs list and watch on pods in the namespace ${namespace}`
      throw requestFailed(`list pods of ${namespace}`, address.url, rights, error)
    })
    if (pods.length > 0) return currentPods(pods)
    throw new ClusterError(
      `find agents: no pod of the namespace ${namespace} has the labels ${selector}; ` +
        'see --agent-namespace and --agent-selector',
    )
  }

  /** The names of all nodes; undefined if the user may not know them. */
  async nodes(signal: AbortSignal): Promise<string[] | undefined> {
    try {
      const client = this.#client.withMetadataOnly()
      return await readAll(client, '/api/v1/nodes?', signal, ({ metadata }) => {
        return text(fields(metadata).name)
      })
    } catch {
      return undefined
    }
  }

  /**
   * Follows the pods until the signal.
   * @param failed is called for the first of several failures
   */
  watch(
    changed: (pods: readonly AgentPod[]) => void,
    failed: (error: Error) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const pods = new Map<string, AgentPod>()
    const report = (): void => changed(currentPods(pods.values()))
    const handler = {
      read: readAgentPod,
      replace: (all: readonly AgentPod[]) => {
        pods.clear()
        for (const pod of all) pods.set(pod.uid, pod)
        report()
      },
      change: (pod: AgentPod) => {
        pods.set(pod.uid, pod)
        report()
      },
      remove: ({ uid }: AgentPod) => {
        pods.delete(uid)
        report()
      },
      failed: (error: Error, isFirst: boolean) => {
        if (isFirst) failed(error)
      },
    }
    return watchResources(this.#client, this.#path, this.#query, handler, signal)
  }
}

/** What is read of all objects of a list. */
async function readAll<Item>(
  client: ApiClient,
  path: string,
  signal: AbortSignal,
  read: (object: KubeObject) => Item,
): Promise<Item[]> {
  const items: Item[] = []
  for await (const { objects } of listPages(client, path, signal)) {
    for (const object of objects) items.push(read(fields(object)))
  }
  return items
}
