import type { Steps } from '@tetragon-ts/rules'
import type { PreparedRules } from '../../rules/prepared-rules.ts'
import { type LoadedRules, loadPrepared } from './load-rules.ts'

/** How long compiling may keep the reader from its records, in milliseconds. */
const turnMs = 5

interface Job {
  readonly steps: Steps<LoadedRules | undefined>
  readonly done: (rules: LoadedRules | undefined) => void
}

/** Rules that are compiled between the reading of records, in the order of their arrival. */
export class PendingRules {
  readonly #jobs: Job[] = []

  /** @param done called with the rules when they can be used, from `proceed` */
  async add(prepared: PreparedRules | undefined, done: Job['done']): Promise<void> {
    this.#jobs.push({ steps: prepared ? await loadPrepared(prepared) : noRules(), done })
  }

  /** Whether there is something to compile. */
  get isBusy(): boolean {
    return this.#jobs.length > 0
  }

  /** Compiles for a short time. */
  proceed(): void {
    const [job] = this.#jobs
    if (job === undefined) return
    const end = performance.now() + turnMs
    let step = job.steps.next()
    while (!step.done && performance.now() < end) step = job.steps.next()
    if (!step.done) return
    this.#jobs.shift()
    job.done(step.value)
  }
}

function* noRules(): Steps<undefined> {}
