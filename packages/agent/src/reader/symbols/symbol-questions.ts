import type { TimeBudget } from '../process-files/time-budget.ts'
import type { QuestionThread } from '../question-thread/question-thread.ts'
import type { ProcessImage } from './process-mappings.ts'
import type { CodeLocation, CodeName, CodeNames, SymbolQuestion } from './symbol-question.ts'
import { symbolThread } from './symbol-thread.ts'

/** Maximum number of questions without an answer. */
const openMax = 64

/** Receives what was found for a location, also later. */
type OnName<L> = (location: L, found: CodeName | undefined) => void

/** Asks a thread for functions, and waits for its answers within a time budget. */
export class SymbolQuestions<L extends CodeLocation> {
  readonly #thread: QuestionThread<SymbolQuestion, CodeNames>
  readonly #budget: TimeBudget
  readonly #onName: OnName<L>
  /** Questions without an answer, by id. */
  readonly #asked = new Map<number, readonly L[]>()
  #nextId = 1

  constructor(procfs: string, budget: TimeBudget, onName: OnName<L>) {
    this.#thread = symbolThread(procfs)
    this.#budget = budget
    this.#onName = onName
  }

  /** Starts the thread: the first stack need not wait for that. */
  prepare(): void {
    this.#thread.start()
  }

  /**
   * Asks for functions, and waits as long as the budget allows.
   * @param since when the reader began with the stack, in milliseconds: what it has waited for
   *   since then counts, so that no stack holds it for longer than one wait
   */
  ask({ pid, start: started }: ProcessImage, locations: readonly L[], since: number): void {
    if (this.#thread.restartIfStuck()) this.#asked.clear()
    if (this.#asked.size >= openMax) return
    const id = this.#nextId++
    if (!this.#thread.ask([{ id, pid, start: started, locations }])) return
    this.#asked.set(id, locations)
    const start = performance.now()
    const deadline = since + this.#budget.available(start)
    for (let now = start; this.#asked.has(id) && now < deadline; now = performance.now()) {
      this.#thread.wait(deadline - now)
      this.receive()
    }
    this.#budget.spend(performance.now() - start)
  }

  /** Receives the answers since the last call. */
  receive(): void {
    for (const { id, result = [] } of this.#thread.take()) {
      const locations = this.#asked.get(id) ?? []
      this.#asked.delete(id)
      for (const [i, location] of locations.entries()) this.#onName(location, result[i])
    }
  }
}
