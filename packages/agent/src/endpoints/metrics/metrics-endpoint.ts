import type { ListenAddress } from '@tetragon-ts/service/listen'
import { textOf } from '@tetragon-ts/service/metrics'
import type { Endpoint } from '../endpoint.ts'
import { metricsPath, serveMetrics } from './metrics-server.ts'
import { openMetrics } from './read-metrics.ts'

/** The metrics of the agent for Prometheus. */
export const metricsEndpoint: Endpoint<ListenAddress> = {
  closesBeforeAgent: false,
  async start(address, host, others) {
    const metrics = await openMetrics(host, others)
    try {
      const server = await serveMetrics(address, async () => textOf(await metrics.read()), host.log)
      return {
        addresses: [server.address],
        notice: `serving metrics on ${server.url(metricsPath)}`,
        async close() {
          metrics[Symbol.dispose]()
          await server.close()
        },
      }
    } catch (error) {
      metrics[Symbol.dispose]()
      throw error
    }
  },
}
