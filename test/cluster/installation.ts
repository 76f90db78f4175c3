import { join } from 'node:path'
import { repositoryRoot } from '../vm/repository.ts'
import { Cluster } from './cluster.ts'
import { makeAgentImage } from './images/agent-image.ts'

/** The chart of this repository. */
export const chart = join(repositoryRoot, 'deploy/helm/tetragon')
/** The namespace of the installation, as arguments of kubectl and helm. */
export const inSystem = ['--namespace', 'kube-system'] as const

/** Starts a cluster whose node has the agent's image. */
export async function startWithImage(): Promise<Cluster> {
  const image = await makeAgentImage()
  const cluster = await Cluster.start(console.log)
  await cluster.importImage(image)
  return cluster
}

/** Installs the chart, and waits until its DaemonSet is ready. @param options of helm */
export async function installAgent(cluster: Cluster, ...options: readonly string[]): Promise<void> {
  await cluster.helm('install', 'tetragon', chart, ...inSystem, ...options)
  await cluster.kubectl('rollout', 'status', ...inSystem, 'ds/tetragon', '--timeout=240s')
}

/** The events that the container export-stdout has printed. */
export async function exportedEvents<Event>(cluster: Cluster): Promise<Event[]> {
  const selector = ['-l', 'app.kubernetes.io/name=tetragon', '-c', 'export-stdout', '--tail=-1']
  const text = await cluster.kubectl('logs', ...inSystem, ...selector)
  // The last line may be incomplete.
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Event)
}
