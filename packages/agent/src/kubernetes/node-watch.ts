import { isDeepStrictEqual } from 'node:util'
import { ApiClient, fields, type KubeObject, texts, type WaitMs } from '@tetragon-ts/kubernetes'
import { clusterAddress } from './cluster-address.ts'
import { type WatchedResource, type WatchLog, watchResource } from './watched-resource.ts'

/** Labels of a node. */
export type NodeLabels = Readonly<Record<string, string>>

/** Options of the watch. */
export interface NodeWatchOptions {
  /** Path of a kubeconfig file; empty: the service account of the agent's pod. */
  readonly kubeconfig: string
  /** Name of the node in the API. */
  readonly nodeName: string
}

/** The labels of the agent's node in the API server, for events and for policies. */
export class NodeWatch {
  readonly #options: NodeWatchOptions
  readonly #log: WatchLog
  readonly #waitMs: WaitMs | undefined
  readonly #end = new AbortController()
  readonly #listeners: ((labels: NodeLabels) => void)[] = []
  #labels: NodeLabels | undefined
  #answered: Promise<void> | undefined

  constructor(options: NodeWatchOptions, log: WatchLog, waitMs?: WaitMs) {
    this.#options = options
    this.#log = log
    this.#waitMs = waitMs
  }

  /** Undefined: not known yet. */
  get labels(): NodeLabels | undefined {
    return this.#labels
  }

  /**
   * Starts watching; does nothing if it was started before.
   * @returns a promise that is fulfilled when the labels are known, or when the API server says
   *   that they will not be known soon
   * @throws AgentError AGENT_OPTION
   */
  start(): Promise<void> {
    this.#answered ??= this.#watch()
    return this.#answered
  }

  /** @param listener is called with the labels when they are known, and when they change */
  onChange(listener: (labels: NodeLabels) => void): void {
    this.#listeners.push(listener)
    if (this.#labels !== undefined) listener(this.#labels)
  }

  /** Sets the last known labels, unless the API server has already reported its own. */
  restore(labels: NodeLabels): void {
    if (this.#labels === undefined) this.#change(labels)
  }

  close(): void {
    this.#end.abort()
    this.#listeners.length = 0
  }

  #watch(): Promise<void> {
    const { kubeconfig, nodeName } = this.#options
    const client = new ApiClient(clusterAddress(kubeconfig, process.env))
    const effect =
      'until its labels are known, events of this node lack them, and it loads policies whatever ' +
      'their nodeSelector'
    const node: WatchedResource<NodeLabels> = {
      name: 'nodes',
      path: '/api/v1/nodes',
      selector: `fieldSelector=${encodeURIComponent(`metadata.name=${nodeName}`)}`,
      effect,
      read: ({ metadata }: KubeObject) => texts(fields(metadata).labels),
      replace: ([labels]) => {
        if (labels !== undefined) this.#change(labels)
        else this.#log.warning(`find node ${nodeName}: the API server has none; ${effect}`)
      },
      change: (labels) => this.#change(labels),
      // The agent runs, so its node will be registered again: the last labels stay.
      remove: () => {},
    }
    return watchResource(client, node, this.#log, this.#end.signal, this.#waitMs)
  }

  /** The status of a node changes every few seconds, its labels rarely. */
  #change(labels: NodeLabels): void {
    if (isDeepStrictEqual(this.#labels, labels)) return
    this.#labels = labels
    for (const listener of this.#listeners) listener(labels)
  }
}
