import { AgentProcess, type AgentProcessOptions } from '../agent-process.ts'
import { onAnyCpu, Partner } from '../partner.ts'
import { livingProcesses } from '../ring/living-processes.ts'
import type { ProducerOptions, Production } from '../ring/producer.ts'
import type { ThreadTime } from '../thread-times.ts'
import type { WorkFiles } from '../work-files.ts'
import type { ClientOptions, ClientReport } from './counting-client.ts'
import { marksOf, newRun, setMark } from './marks.ts'

const ringSize = 1 << 24

export interface ServiceRunOptions {
  /** Events per second; half of them exec, half of them exit. */
  readonly rate: number
  readonly seconds: number
  /** Streams of each process of clients. */
  readonly clients: readonly number[]
  /** Requests of the clients. */
  readonly request?: object
  readonly agent?: AgentProcessOptions
  /** Whether all processes get the highest priority. */
  readonly raised?: boolean
}

/** Work while the producer runs. */
export interface ServiceRunning {
  readonly agent: AgentProcess
  /** The processes of clients. */
  readonly clients: readonly Partner[]
}

export interface ServiceRun extends Production {
  /** Events of the producer. */
  readonly events: number
  /** Whether it kept the rate. */
  readonly isRateHeld: boolean
  readonly reports: readonly ClientReport[]
  readonly agentPid: number
  /** The agent's threads when the producer started, and when all events had arrived. */
  readonly before: readonly ThreadTime[]
  readonly after: readonly ThreadTime[]
  /** Losses that the agent reported at the end. */
  readonly complaints: readonly string[]
}

/**
 * Runs an agent whose ring a producer fills, and clients that receive its events.
 * @param during is called when the producer starts, and awaited before clients are stopped
 */
export async function serviceRun(
  files: WorkFiles,
  options: ServiceRunOptions,
  during: (running: ServiceRunning) => Promise<void> = async () => {},
): Promise<ServiceRun> {
  const { rate, seconds, request = {}, raised = false } = options
  await using agent = await AgentProcess.start(files, { ...options.agent, raised })
  const producerOptions: ProducerOptions = { ringSize, mapId: agent.ringId, rests: true }
  using producer = new Partner('ring/producer', onAnyCpu, producerOptions, raised)
  await producer.next<{ mapId: number }>()
  const run = newRun()
  const marks = marksOf(run)
  using partners = new Partners(
    options.clients.map((streams) => {
      const clientOptions: ClientOptions = { socket: agent.socket, streams, request, run }
      return new Partner('service/counting-client', onAnyCpu, clientOptions, raised)
    }),
  )
  const clients = partners.list
  for (const client of clients) await client.next<'ready'>()
  await setMark(marks.begin)
  const before = agent.threadTimes()
  const running = during({ agent, clients })
  producer.send(`${rate / 2} ${seconds}`)
  const production = await producer.next<Production>()
  await running
  await setMark(marks.end)
  for (const client of clients) client.send()
  const reports: ClientReport[] = []
  for (const client of clients) reports.push(await client.next<ClientReport>())
  const after = agent.threadTimes()
  return {
    ...production,
    // Their parent has an event too; those that still live have only one.
    events: 1 + 2 * production.processes - livingProcesses,
    isRateHeld: production.measured >= (rate / 2) * production.seconds * 0.99,
    reports,
    before,
    after,
    agentPid: agent.pid,
    complaints: await agent.stop(),
  }
}

class Partners implements Disposable {
  readonly list: readonly Partner[]

  constructor(list: readonly Partner[]) {
    this.list = list
  }

  [Symbol.dispose](): void {
    for (const partner of this.list) partner[Symbol.dispose]()
  }
}
