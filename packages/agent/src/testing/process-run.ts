import { ObservedEvents } from './observed-events.ts'
import { type AgentInProcess, leaveAgent, takeAgent } from './shared-agent.ts'

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

  /**
   * Repeats something until the kernel has skipped no run of the agent's programs during it. Linux
   * 7 skips them while tasks are preempted in them, and counts that.
   */
  async withoutMisses<T>(act: () => Promise<T>): Promise<T> {
    for (;;) {
      const before = this.#used.agent.possiblyMissed()
      const result = await act()
      if (this.#used.agent.possiblyMissed() === before) return result
    }
  }

  async stop(): Promise<void> {
    await leaveAgent(this.#used)
  }
}
