import { AgentProcess } from '../agent-process.ts'
import { onAnyCpu, Partner } from '../partner.ts'
import { livingProcesses } from '../ring/living-processes.ts'
import type { ProducerOptions, Production } from '../ring/producer.ts'
import { allThreads, busiestThread } from '../thread-times.ts'
import type { WorkFiles } from '../work-files.ts'
import type { ClientOptions, Received } from './counting-client.ts'

/** The working directory of the producer's processes: it stands in all events of theirs. */
const marker = 'project/src/drivers/net'
const ringSize = 1 << 24

export interface StreamTrialOptions {
  /** Processes per second: each gives two events. */
  readonly rate: number
  readonly seconds: number
  /** What the client asks for. */
  readonly request?: object
  /** Where the agent's events go besides. */
  readonly file?: string
  readonly nodeArgs?: readonly string[]
}

export interface StreamTrial extends Production, Received {
  /** Events that the producer made. */
  readonly events: number
  /** Whether the client got all of them and the producer held the rate. */
  readonly sustained: boolean
  /** CPU nanoseconds of the agent's reader thread, of its main thread, of all its threads. */
  readonly readerNs: number
  readonly serverNs: number
  readonly agentNs: number
}

/** Runs an agent whose ring a producer fills, and a client that takes its events. */
export async function streamTrial(
  files: WorkFiles,
  { rate, seconds, request = {}, file, nodeArgs }: StreamTrialOptions,
): Promise<StreamTrial> {
  const args = file === undefined ? [] : ['--export-filename', file]
  await using agent = await AgentProcess.start(files, { raised: true, nodeArgs, args })
  const producerOptions: ProducerOptions = { ringSize, mapId: agent.ringId, rests: true }
  using producer = new Partner('ring/producer', onAnyCpu, producerOptions)
  await producer.next<{ mapId: number }>()
  const clientOptions: ClientOptions = { socket: agent.socket, marker, request }
  using client = new Partner('service/counting-client', onAnyCpu, clientOptions)
  await client.next<'ready'>()
  const before = agent.threadTimes()
  producer.tell(`${rate} ${seconds}`)
  const production = await producer.next<Production>()
  client.tell()
  const received = await client.next<Received>()
  const after = agent.threadTimes()
  const isMain = ({ tid }: { tid: number }): boolean => tid === agent.pid
  const isOther = ({ tid }: { tid: number }): boolean => tid !== agent.pid
  // The parent of all of them has an event too; those that still live have one only.
  const events = 1 + 2 * production.processes - livingProcesses
  const held = production.measured >= rate * production.seconds * 0.99
  return {
    ...production,
    ...received,
    events,
    sustained: production.lost === 0 && received.marked === events && held,
    readerNs: busiestThread(before.filter(isOther), after.filter(isOther)),
    serverNs: busiestThread(before.filter(isMain), after.filter(isMain)),
    agentNs: allThreads(before, after),
  }
}
