import { enableRunStats } from '@tetragon-ts/ebpf/programs'
import type { MetricTable } from '@tetragon-ts/service/metrics'
import type { Log } from '../../log/log.ts'
import type { PipelineTotals } from '../../reader/protocol.ts'
import { noTotals, type ReaderThread } from '../../reader/reader-thread.ts'
import type { EndpointHost, OtherEndpoints } from '../endpoint.ts'
import { collectMetrics } from './registry.ts'

/** Time limit for the reader's response. */
const readerMs = 2000

/** The metrics of an agent. While they are read, the kernel counts runs of programs. */
export interface MetricReader extends Disposable {
  /** All metrics, as they are now. */
  read(): Promise<MetricTable>
}

/** Starts to read metrics. */
export async function openMetrics(
  host: EndpointHost,
  others: OtherEndpoints,
): Promise<MetricReader> {
  const { agent, version, nodeName, log } = host
  const control = await host.policies()
  const runStats = countRuns(log)
  return {
    async read() {
      const totals = await totalsOf(agent.reader, log)
      // Read later, so that the kernel never seems to have posted fewer records than were read.
      const policies = await control.list({ rules: true })
      const outputs = await host.outputs()
      const metricOutputs = others.metricOutputs()
      const sources = { version, nodeName, agent, totals, policies, outputs, metricOutputs }
      return collectMetrics({ ...sources, clients: others.clients() })
    },
    [Symbol.dispose]: () => runStats?.[Symbol.dispose](),
  }
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
