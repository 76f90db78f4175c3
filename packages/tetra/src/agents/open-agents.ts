import type { ValuesOf } from '@tetragon-ts/service/options'
import { clusterSettings } from '../cluster/cluster-settings.ts'
import type { Streams } from '../command.ts'
import type { Agents } from '../connection/agents.ts'
import { connectionSettings } from '../connection/settings.ts'
import type { agentsOptions } from './agents-options.ts'

/**
 * The agents of the options. Missing agents of a cluster are reported to `stderr`.
 * @throws UsageError; KubernetesError if the address of the API server cannot be read
 */
export async function openAgents(
  values: ValuesOf<typeof agentsOptions>,
  { stderr }: Pick<Streams, 'stderr'>,
): Promise<Agents> {
  const cluster = clusterSettings(values)
  if (cluster !== undefined && values.debug) {
    stderr.write(`tetra: the API server is ${cluster.address.url}\n`)
  }
  const settings = connectionSettings({ ...values, debug: values.debug && cluster === undefined })
  // Loaded on demand: the libraries are slow to load.
  if (cluster !== undefined) {
    const { ClusterAgents } = await import('../cluster/cluster-agents.ts')
    return new ClusterAgents(cluster, settings, (line) => stderr.write(`tetra: ${line}\n`))
  }
  const { LocalAgent } = await import('../connection/local-agent.ts')
  return new LocalAgent(settings)
}
