import { ApiClient } from '@tetragon-ts/kubernetes'
import { Semaphore } from '@tetragon-ts/service/queue'
import type { ConnectionSettings } from '../connection/settings.ts'
import { AgentConnection } from './agent-connection.ts'
import { type AgentPod, AgentPods } from './agent-pods.ts'
import type { ClusterSettings } from './cluster-settings.ts'

/** Maximum number of connections that are opened at the same time. */
const openingMax = 16

/** The agents of a cluster now. */
export interface FoundAgents {
  readonly pods: readonly AgentPod[]
  /** Nodes without a pod of the agent, as far as the user may know the nodes. */
  readonly nodesWithout: readonly string[]
}

/** Finds the agents of a cluster and connects to them. */
export class ClusterConnection {
  readonly pods: AgentPods
  readonly #cluster: ClusterSettings
  readonly #settings: ConnectionSettings
  readonly #semaphore = new Semaphore(openingMax)

  constructor(cluster: ClusterSettings, settings: ConnectionSettings) {
    this.#cluster = cluster
    this.#settings = settings
    this.pods = new AgentPods(new ApiClient(cluster.address), cluster)
  }

  /** Time limit for an answer, in milliseconds. */
  get timeoutMs(): number {
    return this.#settings.timeout
  }

  /** @throws ClusterError, also if there is no agent */
  async find(signal: AbortSignal): Promise<FoundAgents> {
    const pods = await this.pods.list(signal)
    const nodes = (await this.pods.nodes(signal)) ?? []
    const used = new Set(pods.map(({ node }) => node))
    return { pods, nodesWithout: nodes.filter((node) => !used.has(node)) }
  }

  /** The caller disposes of the connection. @throws ClusterError */
  connect(pod: AgentPod, signal: AbortSignal): Promise<AgentConnection> {
    return this.#semaphore.run(() =>
      AgentConnection.open(this.#cluster, this.#settings, pod, signal),
    )
  }
}
