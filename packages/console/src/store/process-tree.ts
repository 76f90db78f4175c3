import { compileFilter, type Subject } from './filter.ts'
import type { ProcessFacts, ProcessIndex, ProcessRow } from './process-index.ts'

/** Milliseconds after which the rows are made again: with many processes that takes some time. */
const freshMs = 500

/** The rows of the tree that a filter shows, made again now and then. */
export class ProcessTree {
  readonly #index: ProcessIndex
  #filter: string | undefined
  #madeAt = Number.NEGATIVE_INFINITY
  #rows: readonly ProcessRow[] = []

  constructor(index: ProcessIndex) {
    this.#index = index
  }

  /** @param now milliseconds */
  rows(filter: string, now: number): readonly ProcessRow[] {
    if (filter === this.#filter && now - this.#madeAt < freshMs) return this.#rows
    const match = compileFilter(filter)
    this.#rows = this.#index.tree((facts) => match(subjectOf(facts)))
    this.#filter = filter
    this.#madeAt = now
    return this.#rows
  }
}

function subjectOf({ binary, args, pod, pid, node, ending }: ProcessFacts): Subject {
  const line = `${node} ${pod} ${pid} ${binary} ${args} ${ending}`.toLowerCase()
  return { line, fields: { binary, pod, pid: String(pid), node } }
}
