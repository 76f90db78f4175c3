import type { Steps } from '@tetragon-ts/ebpf/steps'
import { WorkSlices } from '../worker/work-slices.ts'

/** Maximum milliseconds of a request. */
const requestMax = 60_000
/** Milliseconds between reports of progress. */
const progressMs = 1000

interface Options {
  /** For errors: `check policies`. */
  readonly action: string
  /** Whether the page still waits for it. */
  readonly isWanted: () => boolean
  /** Reports that it runs. */
  readonly report: () => void
  /** Milliseconds. */
  readonly now: () => number
}

/** Long work for a request of the page: in slices, bounded, and ended by a newer request. */
export class SlicedRequest {
  readonly #slices = new WorkSlices()
  readonly #options: Options
  readonly #started: number
  #reported: number

  constructor(options: Options) {
    this.#options = options
    this.#started = options.now()
    this.#reported = this.#started
    options.report()
  }

  /**
   * Goes through steps.
   * @returns undefined if the page does not wait for it any more
   * @throws Error if all steps of the request take too long
   */
  async run<Result>(steps: Steps<Result>): Promise<{ readonly value: Result } | undefined> {
    const { action, isWanted, report, now } = this.#options
    let step = steps.next()
    while (!step.done) {
      await this.#slices.pause()
      if (!isWanted()) return undefined
      const time = now()
      if (time - this.#started > requestMax) {
        throw new Error(`${action}: it takes more than ${requestMax / 1000} s`)
      }
      if (time - this.#reported > progressMs) {
        this.#reported = time
        report()
      }
      step = steps.next()
    }
    return { value: step.value }
  }
}
