import { parseDuration } from '@tetragon-ts/service/options'
import type { AgentAnswer } from '../connection/agents.ts'
import type { Roster } from './roster.ts'

/** Time for the first round in addition to the interval, in milliseconds. */
const startMs = 10_000

/**
 * Responses of agents that each respond once in an interval, gathered to one round for each
 * interval. A round ends when all connected agents have responded, or at last after one and a half
 * intervals.
 */
export class Rounds<Response> {
  readonly #roster: Roster
  readonly #intervalMs: number
  readonly #responses = new Map<string, Response>()
  #changed: (() => void) | undefined
  #hasEnded = false

  /** @param interval such as `1s` */
  constructor(roster: Roster, interval = '1s') {
    this.#roster = roster
    this.#intervalMs = parseDuration(interval) ?? 1000
  }

  add(node: string, response: Response): void {
    this.#responses.set(node, response)
    this.#changed?.()
  }

  end(): void {
    this.#hasEnded = true
    this.#changed?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<AgentAnswer<Response>[], void, undefined> {
    let limit = startMs + this.#intervalMs
    for (;;) {
      await this.#complete(limit)
      if (this.#hasEnded) return
      limit = 1.5 * this.#intervalMs
      const answers = [...this.#responses].map(([node, response]) => ({ node, response }))
      const missing = this.#roster.missingNodes
        .filter(([node]) => !this.#responses.has(node))
        .map(([node, failure]) => ({ node, failure }))
      this.#responses.clear()
      yield [...answers, ...missing].sort((a, b) => (a.node < b.node ? -1 : 1))
    }
  }

  /** Waits for the responses of a round. @param limit milliseconds */
  async #complete(limit: number): Promise<void> {
    const deadline = performance.now() + limit
    while (!this.#hasEnded) {
      const rest = deadline - performance.now()
      const isComplete = this.#responses.size > 0 && this.#roster.areComplete(this.#responses)
      if (rest <= 0 || isComplete) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, rest)
        this.#changed = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}
