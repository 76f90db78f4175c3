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
  /** What clients ask for. */
  readonly request?: object
  readonly agent?: AgentProcessOptions
  /** Whether all processes get the highest priority. */
  readonly raised?: boolean
}

/** What goes on while the producer is at work. */
export interface ServiceRunning {
  readonly agent: AgentProcess
  /** The processes of clients. */
  readonly clients: readonly Partner[]
}

export interface ServiceRun extends Production {
  /** Events that the producer made. */
  readonly events: number
  /** Whether it held the rate. */
  readonly isRateHeld: boolean
  readonly reports: readonly ClientReport[]
  readonly agentPid: number
  /** The agent's threads when the producer began, and when all had arrived. */
  readonly before: readonly ThreadTime[]
  readonly after: readonly ThreadTime[]
  /** What the agent said of losses in the end. */
  readonly complaints: readonly string[]
}

/**
 * Runs an agent whose ring a producer fills, and clients that take its events.
 * @param during is called when the producer begins, and awaited before clients are asked
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
    // The parent of all of them has an event too; those that still live have one only.
    events: 1 + 2 * production.processes - livingProcesses,
    isRateHeld: production.measured >= (rate / 2) * production.seconds * 0.99,
    ...{ reports, before, after, agentPid: agent.pid },
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
