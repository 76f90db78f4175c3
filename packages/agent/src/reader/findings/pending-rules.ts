import type { Steps } from '@tetragon-ts/rules'
import type { PreparedRules } from '../../rules/prepared-rules.ts'
import { type LoadedRules, loadPrepared } from './load-rules.ts'

/** How long compiling may keep the reader from its records, in milliseconds. */
const turnMs = 5

interface Job {
  readonly steps: Steps<LoadedRules | undefined>
  readonly end: RulesEnd
}

/** Where rules that were compiled go. */
export interface RulesEnd {
  done(rules: LoadedRules | undefined): void
  /** They cannot be compiled: those before stay in force. */
  failed(message: string): void
}

/** Rules that are compiled between the reading of records, in the order of their arrival. */
export class PendingRules {
  readonly #jobs: Job[] = []

  /** @param end called from `proceed` */
  async add(prepared: PreparedRules | undefined, end: RulesEnd): Promise<void> {
    this.#jobs.push({ steps: prepared ? await loadPrepared(prepared) : noRules(), end })
  }

  /** Whether there is something to compile. */
  get isBusy(): boolean {
    return this.#jobs.length > 0
  }

  /** Compiles for a short time. Never throws: no rule ends the reader. */
  proceed(): void {
    const [job] = this.#jobs
    if (job === undefined) return
    const end = performance.now() + turnMs
    try {
      let step = job.steps.next()
      while (!step.done && performance.now() < end) step = job.steps.next()
      if (!step.done) return
      job.end.done(step.value)
    } catch (error) {
      job.end.failed((error as Error).message)
    }
    this.#jobs.shift()
  }
}

function* noRules(): Steps<undefined> {}
