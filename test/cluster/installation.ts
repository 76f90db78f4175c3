import { policyCrds } from '@tetragon-ts/policy/crds'
import { Cluster, type ClusterAddress, slowLimit } from './cluster.ts'
import { removeEndedPods } from './ended-pods.ts'
import { packedChart } from './images/agent-image.ts'

/** The chart as it is released: an archive. */
export const chart = packedChart
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

/**
 * Installs the chart, and waits until the agents answer. They do not wait for the operator: if that
 * makes the kinds of policies and rules, waits for these, too. @param options of helm
 */
export async function installAgent(cluster: Cluster, ...options: readonly string[]): Promise<void> {
  await cluster.helm('install', 'tetragon', chart, ...inSystem, ...options)
  await cluster.waitFor('the agents answer', () => areAnswering(cluster), slowLimit)
  const skips = ['-o', 'jsonpath={.data.skip-crd-creation}', '--ignore-not-found']
  const operator = ['get', 'configmap', 'tetragon-operator-config', ...inSystem, ...skips]
  if ((await cluster.kubectl(...operator)) === 'false') await waitForKinds(cluster)
}

/**
 * Whether the agents of all nodes answer, as the readiness probe asks; that does so every ten
 * seconds only, so that the DaemonSet is ready later.
 */
async function areAnswering(cluster: Cluster): Promise<boolean> {
  const agents = ['-l', 'app.kubernetes.io/name=tetragon', '-o', 'json']
  const list = await cluster.kubectl('get', 'daemonsets,pods', ...inSystem, ...agents)
  const { items } = JSON.parse(list) as { readonly items: readonly (DaemonSet | Pod)[] }
  const wanted = items.find((item) => item.kind === 'DaemonSet')?.status.desiredNumberScheduled
  const pods = items.filter((item) => item.kind === 'Pod')
  if (!wanted || pods.length < wanted || !pods.every(isRunning)) return false
  const answers = pods.map(({ metadata: { name } }) => {
    const tetra = ['-c', 'tetragon', '--', 'tetra', 'status']
    return cluster.tryKubectl(['exec', ...inSystem, name, ...tetra])
  })
  return (await Promise.all(answers)).every(({ exitCode }) => exitCode === 0)
}

interface DaemonSet {
  readonly kind: 'DaemonSet'
  readonly status: { readonly desiredNumberScheduled?: number }
}

interface Pod {
  readonly kind: 'Pod'
  readonly metadata: { readonly name: string }
  readonly status: { readonly phase: string }
}

/** Whether the containers of a pod were started: programs can be executed in them. */
const isRunning = ({ status }: Pod): boolean => status.phase === 'Running'

/**
 * Waits until objects of all kinds of policies and rules can be listed. For some time after a CRD
 * was created, the API server lists neither its kind nor, perhaps, its group: clients fail.
 */
export async function waitForKinds(
  cluster: Cluster,
  kinds: readonly string[] = policyCrds().map(({ metadata }) => metadata.name),
): Promise<void> {
  await cluster.waitFor('the kinds of policies and rules', async () => {
    return (await cluster.tryKubectl(['get', kinds.join(), '--all-namespaces'])).exitCode === 0
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
