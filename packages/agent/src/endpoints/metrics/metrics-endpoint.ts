import { enableRunStats } from '@tetragon-ts/ebpf/programs'
import type { ListenAddress } from '@tetragon-ts/service/listen'
import type { Log } from '../../log/log.ts'
import type { PipelineTotals } from '../../reader/protocol.ts'
import { noTotals, type ReaderThread } from '../../reader/reader-thread.ts'
import type { Endpoint } from '../endpoint.ts'
import { metricsPath, serveMetrics } from './metrics-server.ts'
import { collectMetrics } from './registry.ts'

/** Time limit for the reader's response. */
const readerMs = 2000

/** The metrics of the agent. While they are served, the kernel counts runs of programs. */
export const metricsEndpoint: Endpoint<ListenAddress> = {
  closesBeforeAgent: false,
  async start(address, host, clients) {
    const { agent, version, nodeName, log } = host
    const control = await host.policies()
    const read = async (): Promise<string> => {
      const totals = await totalsOf(agent.reader, log)
      // Read later, so that the kernel never seems to have posted fewer records than were read.
      const policies = await control.list({ rules: true })
      const outputs = await host.outputs()
      const sources = { version, nodeName, agent, totals, policies, outputs }
      return collectMetrics({ ...sources, clients: clients() })
    }
    const server = await serveMetrics(address, read, log)
    const runStats = countRuns(log)
    return {
      addresses: [server.address],
      notice: `serving metrics on ${server.url(metricsPath)}`,
      async close() {
        runStats?.[Symbol.dispose]()
        await server.close()
      },
    }
  },
}

/** A reader that is blocked does not respond: then its counts are omitted. */
async function totalsOf(reader: ReaderThread, log: Log): Promise<PipelineTotals> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<PipelineTotals>((resolve) => {
    timer = setTimeout(() => {
      log.debug('read metrics: the reader does not respond; its counts are omitted')
      resolve(noTotals)
    }, readerMs)
  })
  return Promise.race([reader.totals(), late]).finally(() => clearTimeout(timer))
}

/** Undefined if the kernel refuses. */
function countRuns(log: Log): Disposable | undefined {
  try {
    return enableRunStats()
  } catch (error) {
    log.warning(`count runs of programs: ${(error as Error).message}; metrics omit them`)
    return undefined
  }
}
