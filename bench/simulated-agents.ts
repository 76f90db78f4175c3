import { StatusReport } from '@tetragon-ts/agent/policy-report'
import type { ApiClient } from '@tetragon-ts/kubernetes'
import type { FakeApiServer } from '@tetragon-ts/kubernetes/testing'
import { type NodeStatus, policyRef } from '@tetragon-ts/policy/status'

const podPath = '/api/v1/pods'
const reportPath = '/apis/cilium.io/v1alpha1/tracingpolicynodestatuses'
const policyPath = '/apis/cilium.io/v1alpha1/tracingpolicies'
const namespace = 'kube-system'

interface Agent {
  readonly pod: string
  readonly report: StatusReport
}

/**
 * Agents of many nodes: each is the part of the agent that reports the states of policies. Their
 * policies are enabled as soon as they exist, and they learn the size of the cluster from statuses.
 */
export class SimulatedAgents {
  readonly #server: FakeApiServer
  readonly #client: ApiClient
  readonly #agents = new Map<string, Agent>()
  readonly #refs = new Map<string, string>()
  #status: NodeStatus = this.#current()
  #nodes: number | undefined
  #pods = 0

  constructor(server: FakeApiServer) {
    this.#server = server
    this.#client = server.client()
  }

  get size(): number {
    return this.#agents.size
  }

  /** Starts an agent on a node; it is ready immediately. */
  start(node: string): void {
    const pod = `tetragon-${this.#pods++}`
    const metadata = { name: pod, namespace, uid: pod }
    const conditions = [{ type: 'Ready', status: 'True' }]
    const status = { phase: 'Running', conditions }
    this.#server.put(podPath, `${namespace}/${pod}`, { metadata, spec: { nodeName: node }, status })
    const log = { info: () => {}, warning: (message: string) => console.error(message) }
    const current = (): NodeStatus => this.#status
    const report = new StatusReport(this.#client, { namespace, name: pod, uid: pod }, current, log)
    // Its policies have a status, which says how many nodes there are.
    report.useClusterSize(this.#nodes)
    report.changed()
    this.#agents.set(node, { pod, report })
  }

  /** Ends the agent of a node; the API server deletes its report with its pod. */
  end(node: string): void {
    const agent = this.#agents.get(node)
    if (agent === undefined) return
    agent.report.close()
    this.#agents.delete(node)
    const object = { metadata: { name: agent.pod, namespace } }
    this.#server.delete(podPath, object)
    if (this.#server.get(reportPath, `${namespace}/${agent.pod}`) !== undefined) {
      this.#server.delete(reportPath, object)
    }
  }

  /** A policy that an author applies. */
  apply(name: string, spec: object): void {
    this.#server.put(policyPath, name, { metadata: { name, uid: name, generation: 1 }, spec })
    this.#refs.set(name, policyRef(name, 1))
    this.#status = this.#current()
    for (const { report } of this.#agents.values()) report.changed()
  }

  /** All agents see the status of a policy. */
  see(nodes: number): void {
    this.#nodes = nodes
    for (const { report } of this.#agents.values()) report.useClusterSize(nodes)
  }

  close(): void {
    for (const { report } of this.#agents.values()) report.close()
  }

  #current(): NodeStatus {
    const refs = [...this.#refs.values()].sort()
    return {
      enabled: refs.join(''),
      failed: '',
      skipped: '',
      disabled: '',
      errors: [],
      counts: { enabled: refs.length, failed: 0, skipped: 0, disabled: 0 },
    }
  }
}
