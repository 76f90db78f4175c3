import { hostname } from 'node:os'
import { type FakeContainer, FakeContainers, groupsMount } from '@tetragon-ts/agent/testing'
import { FakeApiServer } from '@tetragon-ts/kubernetes/testing'
import type { WorkFiles } from './work-files.ts'

const podsPath = '/api/v1/pods'
const policiesPath = '/apis/cilium.io/v1alpha1/tracingpolicies'
const namespacedPath = '/apis/cilium.io/v1alpha1/tracingpoliciesnamespaced'
const nodesPath = '/api/v1/nodes'

/** Label of a pod that policies select. */
const appOf = (index: number): string => `app-${index}`

/** A policy that posts writes of an unusual size. @param spec further fields of its spec */
export function countingPolicy(name: string, spec: object = {}) {
  const hook = {
    call: 'sys_write',
    syscall: true,
    args: [{ index: 2, type: 'size_t' }],
    selectors: [{ matchArgs: [{ index: 2, operator: 'Equal', values: ['123456'] }] }],
  }
  return {
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata: { name },
    spec: { ...spec, kprobes: [hook] },
  }
}

/** A node with pods, which are control groups with a bundle each, and its API server. */
export class KubernetesNode implements Disposable {
  readonly pods: readonly FakeContainer[]
  readonly #containers: FakeContainers
  readonly #server: FakeApiServer

  static async start(podCount: number): Promise<KubernetesNode> {
    return new KubernetesNode(podCount, await FakeApiServer.start())
  }

  private constructor(podCount: number, server: FakeApiServer) {
    const mount = groupsMount()
    if (mount === undefined) throw new Error('find control groups: they are not mounted')
    this.#server = server
    this.#containers = new FakeContainers(mount, `tetragon-bench-${process.pid}`)
    const labels = (index: number) => ({ app: appOf(index), tier: 'backend', version: 'v1.2.3' })
    this.pods = Array.from({ length: podCount }, (_, i) =>
      this.#containers.create({ name: `deployment-7d4b9c6f5-${i}`, labels: labels(i) }),
    )
    for (const path of [policiesPath, namespacedPath]) server.keys(path)
    server.set(nodesPath, nodeObject())
    for (const [i, { id, pod }] of this.pods.entries()) server.put(podsPath, `${i}`, podOf(id, pod))
  }

  /** Adds policies, each of which selects one pod. @param nodeSelector of all of them */
  addPolicies(count: number, nodeSelector?: object): void {
    for (let i = 0; i < count; i++) {
      const app = appOf(i % this.pods.length)
      this.addPolicy(`policy-${i}`, { app }, nodeSelector && { nodeSelector })
    }
  }

  /** Adds a policy. @param labels of the pods that it selects @param spec further fields */
  addPolicy(name: string, labels: Readonly<Record<string, string>>, spec: object = {}): void {
    const policy = countingPolicy(name, { podSelector: { matchLabels: labels }, ...spec })
    const metadata = { name, uid: name, generation: 1 }
    this.#server.put(policiesPath, name, { ...policy, metadata })
  }

  /** Changes labels of a pod. */
  labelPod(index: number, labels: Readonly<Record<string, string>>): void {
    const { id, pod } = this.pods[index]!
    const metadata = { ...pod.metadata, labels: { ...pod.metadata.labels, ...labels } }
    this.#server.put(podsPath, `${index}`, podOf(id, { ...pod, metadata }))
  }

  /** Options of an agent of this node. */
  options(files: WorkFiles): string[] {
    const kubeconfig = files.writeKubeconfig(this.#server.url)
    const api = ['--enable-k8s-api', '--k8s-kubeconfig-path', kubeconfig]
    return [...api, '--enable-tracing-policy-crd', '--enable-policy-filter']
  }

  [Symbol.dispose](): void {
    this.#server.close()
    this.#containers.clear()
  }
}

const nodeObject = () => ({
  metadata: { name: hostname(), labels: { 'kubernetes.io/hostname': hostname() } },
})

function podOf(id: string, { metadata }: FakeContainer['pod']) {
  const controller = { apiVersion: 'apps/v1', kind: 'ReplicaSet', controller: true }
  const name = metadata.name.slice(0, metadata.name.lastIndexOf('-'))
  const owner = { ...controller, name, uid: metadata.uid }
  const image = { image: 'registry.example/app:1', imageID: `registry.example/app@sha256:${id}` }
  const running = { running: { startedAt: '2026-01-01T00:00:00Z' } }
  return {
    metadata: { ...metadata, ownerReferences: [owner] },
    spec: { nodeName: hostname(), containers: [{ name: 'main', ...image }] },
    status: {
      phase: 'Running',
      containerStatuses: [
        { name: 'main', containerID: `containerd://${id}`, ...image, state: running },
      ],
    },
  }
}
