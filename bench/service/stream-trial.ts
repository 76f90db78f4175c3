import { allThreads, busiestThread } from '../thread-times.ts'
import type { WorkFiles } from '../work-files.ts'
import { type ServiceRun, serviceRun } from './service-run.ts'

export interface StreamTrialOptions {
  /** Events per second. */
  readonly rate: number
  readonly seconds: number
  /** The client's request. */
  readonly request?: object
}

export interface StreamTrial extends ServiceRun {
  /** Events of the producer that reached the client, and bytes of all events. */
  readonly received: number
  readonly bytes: number
  /** Whether the client got all of them and the producer kept the rate. */
  readonly sustained: boolean
  /** CPU nanoseconds of the agent's reader thread, of its main thread, of all its threads. */
  readonly readerNs: number
  readonly serverNs: number
  readonly agentNs: number
  readonly clientNs: number
}

/** Sends all events to one client at a rate, with the highest priority for all processes. */
export async function streamTrial(
  files: WorkFiles,
  { rate, seconds, request }: StreamTrialOptions,
): Promise<StreamTrial> {
  const agent = { args: ['--export-filename', '/dev/null'] }
  const run = await serviceRun(files, { rate, seconds, request, agent, clients: [1], raised: true })
  const [{ streams, clientNs }] = run.reports
  const [{ marked, bytes }] = streams
  const { agentPid, before, after, events, lost, isRateHeld } = run
  const isMain = ({ tid }: { tid: number }): boolean => tid === agentPid
  const isOther = ({ tid }: { tid: number }): boolean => tid !== agentPid
  return {
    ...run,
    received: marked,
    bytes,
    clientNs,
    sustained: lost === 0 && marked === events && isRateHeld,
    readerNs: busiestThread(before.filter(isOther), after.filter(isOther)),
    serverNs: busiestThread(before.filter(isMain), after.filter(isMain)),
    agentNs: allThreads(before, after),
  }
}
