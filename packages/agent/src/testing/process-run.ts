import { ObservedEvents } from './observed-events.ts'
import { type AgentInProcess, leaveAgent, takeAgent } from './shared-agent.ts'

/**
 * An agent inside this process, for tests that look at process events. In a guest, those of several
 * files with the same options are one.
 */
export class ProcessRun {
  readonly #used: AgentInProcess
  /** Whether the agent has ended. */
  #over = false
  readonly events: ObservedEvents

  /** @param more options of the agent @throws AgentError */
  static async start(...more: string[]): Promise<ProcessRun> {
    return new ProcessRun(await takeAgent(more))
  }

  private constructor(used: AgentInProcess) {
    this.#used = used
    // Of an earlier test.
    used.file.read()
    const over = (): void => {
      this.#over = true
    }
    used.agent.ended.then(over, over)
    this.events = new ObservedEvents(used.file, (what) => {
      if (this.#over) throw new Error(`wait until ${what}: the agent ended`)
    })
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
    await leaveAgent(this.#used, this.#over)
  }
}
