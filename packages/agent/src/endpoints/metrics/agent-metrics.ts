import { enableRunStats } from '@tetragon-ts/ebpf/programs'
import type { Log } from '../../log/log.ts'
import type { PipelineTotals } from '../../reader/protocol.ts'
import { noTotals, type ReaderThread } from '../../reader/reader-thread.ts'
import type { ServerHost } from '../grpc/server-host.ts'
import type { ClientStatistics } from '../grpc/services/event-streams.ts'
import type { ListenAddress } from '../listen/address.ts'
import type { HttpListener } from '../listen/http.ts'
import type { MeasuredAgent } from './metric-source.ts'
import { metricsPath, serveMetrics } from './metrics-server.ts'
import { collectMetrics } from './registry.ts'

/** Time limit for the reader's response. */
const readerMs = 2000

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

/** The metrics of an agent. While they are served, the kernel counts runs of programs. */
export class AgentMetrics {
  readonly #server: HttpListener
  readonly #runStats: Disposable | undefined

  /** @throws AgentError AGENT_SERVER */
  static async start(
    agent: MeasuredAgent,
    host: ServerHost,
    clients: () => ClientStatistics | undefined,
    address: ListenAddress,
  ): Promise<AgentMetrics> {
    const { version, nodeName, log } = host
    const read = async (): Promise<string> => {
      const totals = await totalsOf(agent.reader, log)
      // Read later, so that the kernel never seems to have posted fewer records than were read.
      const policies = await host.policies.list()
      return collectMetrics({ version, nodeName, agent, totals, policies, clients: clients() })
    }
    const server = await serveMetrics(address, read, log)
    let runStats: Disposable | undefined
    try {
      runStats = enableRunStats()
    } catch (error) {
      log.warning(`count runs of programs: ${(error as Error).message}; metrics omit them`)
    }
    return new AgentMetrics(server, runStats)
  }

  private constructor(server: HttpListener, runStats: Disposable | undefined) {
    this.#server = server
    this.#runStats = runStats
  }

  /** Address for Prometheus. */
  get address(): ListenAddress {
    return this.#server.address
  }

  get url(): string {
    return this.#server.url(metricsPath)
  }

  async close(): Promise<void> {
    this.#runStats?.[Symbol.dispose]()
    await this.#server.close()
  }
}
