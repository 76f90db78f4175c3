import { join } from 'node:path'
import { repositoryRoot } from '../vm/repository.ts'
import { Cluster, type ClusterAddress, slowLimit } from './cluster.ts'
import { removeEndedPods } from './ended-pods.ts'

/** The chart of this repository. */
export const chart = join(repositoryRoot, 'deploy/helm/tetragon')
/** The namespace of the installation, as arguments of kubectl and helm. */
export const inSystem = ['--namespace', 'kube-system'] as const

/** Environment variable with the address of the cluster that `npm run test:cluster` started. */
export const addressVariable = 'TEST_CLUSTER'

/**
 * The cluster of all test files. Its node has the agent's image. It is as after its start; what a
 * file adds to it is removed after the file.
 * @throws Error outside of `npm run test:cluster`
 */
export function sharedCluster(): Cluster {
  const address = process.env[addressVariable]
  if (address === undefined) throw new Error('use a cluster: run npm run test:cluster')
  return new Cluster(JSON.parse(address) as ClusterAddress)
}

/** Installs the chart, and waits until its DaemonSet is ready. @param options of helm */
export async function installAgent(cluster: Cluster, ...options: readonly string[]): Promise<void> {
  await cluster.helm('install', 'tetragon', chart, ...inSystem, ...options)
  await cluster.kubectl('rollout', 'status', ...inSystem, 'ds/tetragon', cluster.timeout(240))
}

/** Waits until the operator has made the kinds of policies: agents do not wait for it. */
export async function waitForCrds(cluster: Cluster): Promise<void> {
  await cluster.waitFor('the kinds of policies', async () => {
    const kinds = await cluster.kubectl('api-resources', '--api-group=cilium.io', '-o', 'name')
    return kinds.includes('tracingpolicies.')
  })
}

/** Removes the chart, and waits until its pods have ended. */
export async function removeAgent(cluster: Cluster): Promise<void> {
  await cluster.helm('uninstall', 'tetragon', ...inSystem)
  const isRemoved = async () => {
    await removeEndedPods(cluster)
    return (await cluster.kubectl('get', 'pods', ...inSystem, '-o', 'name')) === ''
  }
  await cluster.waitFor('no pod of the chart', isRemoved, slowLimit)
}

/** The events that the container export-stdout has printed. */
export async function exportedEvents<Event>(cluster: Cluster): Promise<Event[]> {
  const selector = ['-l', 'app.kubernetes.io/name=tetragon', '-c', 'export-stdout', '--tail=-1']
  const text = await cluster.kubectl('logs', ...inSystem, ...selector)
  // The last line may be incomplete.
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Event)
}
