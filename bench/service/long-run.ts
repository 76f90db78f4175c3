import type { WorkFiles } from '../work-files.ts'
import { type Sample, sample } from './samples.ts'
import { type ServiceRun, type ServiceRunning, serviceRun } from './service-run.ts'

export interface LongRunOptions {
  /** Events per second. */
  readonly rate: number
  readonly minutes: number
  /** Streams of each process of clients. */
  readonly clients: readonly number[]
  /** Options of the agent. */
  readonly args: readonly string[]
  /** Interval of samples of the agent. */
  readonly sampleMs: number
  readonly progress: (text: string) => void
  /** Additional work during the run. */
  readonly during?: (running: ServiceRunning, seconds: number) => Promise<void>
}

export interface LongRun extends ServiceRun {
  /** Samples of the agent. */
  readonly samples: readonly Sample[]
  /** The file that the agent exports to. */
  readonly exportFile: string
}

/** Runs an agent for minutes, with the highest priority for all processes, and samples it. */
export async function longRun(files: WorkFiles, options: LongRunOptions): Promise<LongRun> {
  const { rate, minutes, clients, args, sampleMs, progress, during } = options
  const seconds = minutes * 60
  const samples: Sample[] = []
  let exportFile = ''
  const run = await serviceRun(
    files,
    { rate, seconds, clients, agent: { args }, raised: true },
    async (running) => {
      exportFile = running.agent.file
      progress(`${rate} events/s for ${minutes} minutes`)
      const others = during?.(running, seconds)
      samples.push(...(await sample(running.agent.pid, seconds, sampleMs)))
      await others
    },
  )
  return { ...run, samples, exportFile }
}
