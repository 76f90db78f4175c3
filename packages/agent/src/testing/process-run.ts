import { ObservedEvents } from './observed-events.ts'
import { type AgentInProcess, leaveAgent, takeAgent } from './shared-agent.ts'
import { unlessMissed } from './unless-missed.ts'

/**
 * An agent inside this process, for tests that look at process events. Where files share a process,
 * those with the same options have the same agent.
 */
export class ProcessRun {
  readonly #used: AgentInProcess
  readonly events: ObservedEvents

  /** @param more options of the agent @throws AgentError */
  static async start(...more: string[]): Promise<ProcessRun> {
    return new ProcessRun(await takeAgent(more))
  }

  private constructor(used: AgentInProcess) {
    this.#used = used
    // Of an earlier test.
    used.file.read()
    this.events = new ObservedEvents(used.file, used)
  }

  /** Repeats something that fails while records of processes are missing, which is counted. */
  unlessMissed<T>(act: () => Promise<T>): Promise<T> {
    return unlessMissed(() => this.#missed(), act)
  }

  #missed(): number {
    const { agent } = this.#used
    const { hook: _, ...losses } = agent.losses()
    return Object.values(losses).reduce((sum, count) => sum + count, agent.possiblyMissed())
  }

  async stop(): Promise<void> {
    await leaveAgent(this.#used)
  }
}
