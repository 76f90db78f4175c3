import { MetricOutput } from '@tetragon-ts/outputs/metrics'
import { AgentError } from '../../error.ts'
import type { Endpoint } from '../endpoint.ts'
import { openMetrics } from './read-metrics.ts'

/**
 * Pushes the metrics of the agent to collectors, each `NAME=URL`. They are read and encoded in the
 * main thread, as those that are served: the reader only copies its counts.
 */
export const pushEndpoint: Endpoint<readonly string[]> = {
  // The last push has the counts of the reader.
  closesBeforeAgent: true,
  async start(texts, host, others) {
    const { version, nodeName: node, log } = host
    const { clusterName } = host.agent.eventDetail.content
    const metrics = await openMetrics(host, others)
    const outputHost = {
      sender: { version, node, cluster: clusterName, instance: node },
      startedAt: performance.timeOrigin,
      collect: () => metrics.read(),
      warn: (message: string) => log.warning(message),
    }
    const outputs: MetricOutput[] = []
    const close = async (): Promise<void> => {
      await Promise.all(outputs.map((output) => output.close()))
      metrics[Symbol.dispose]()
    }
    try {
      for (const text of texts) outputs.push(await MetricOutput.open(text, outputHost))
    } catch (error) {
      await close()
      throw new AgentError('AGENT_OPTION', (error as Error).message)
    }
    const metricOutputs = () => outputs.map(({ status }) => status)
    return { addresses: [], metricOutputs, close }
  },
}
