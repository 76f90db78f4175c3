import type { EventStore } from './event-store.ts'
import { compileFilter } from './filter.ts'
import type { ProcessFacts } from './process-facts.ts'
import type { ProcessIndex } from './process-index.ts'
import { ProcessRows } from './process-rows.ts'
import { ProcessSubject } from './process-subject.ts'
import type { Span } from './span.ts'

/** Milliseconds after which the rows are made again: with many processes that takes some time. */
const freshMs = 500

/** The rows of the tree that a filter shows, made again now and then. */
export class ProcessTree {
  readonly #index: ProcessIndex
  readonly #store: EventStore
  #filter: string | undefined
  #span: Span | undefined
  #madeAt = Number.NEGATIVE_INFINITY
  #rows = new ProcessRows()
  #collapsed: ReadonlySet<string> = new Set()
  /** Events of processes in the span. */
  #counts: ReadonlyMap<string, number> | undefined

  constructor(index: ProcessIndex, store: EventStore) {
    this.#index = index
    this.#store = store
  }

  /** Shows nothing below some processes. */
  collapse(execIds: readonly string[]): void {
    this.#collapsed = new Set(execIds)
    this.#madeAt = Number.NEGATIVE_INFINITY
  }

  /**
   * @param span only processes that ran in it
   * @param now milliseconds
   */
  rows(filter: string, span: Span | undefined, now: number): ProcessRows {
    const isSame = filter === this.#filter && span === this.#span
    if (isSame && now - this.#madeAt < freshMs) return this.#rows
    const match = compileFilter(filter, undefined, (execId, test) =>
      this.#index.isBelow(execId, test),
    )
    const isShown = (facts: ProcessFacts): boolean =>
      ranIn(span, facts) && match(new ProcessSubject(facts))
    const showsAll = filter.trim() === '' && span === undefined
    this.#rows = this.#index.tree(showsAll ? undefined : isShown, this.#collapsed)
    this.#counts = span && this.#store.countsOfProcesses(span)
    this.#filter = filter
    this.#span = span
    this.#madeAt = now
    return this.#rows
  }

  /** Number of events of a process in the span of the rows. */
  eventsOf({ execId, events }: ProcessFacts): number {
    return this.#counts === undefined ? events : (this.#counts.get(execId) ?? 0)
  }
}

/** Whether a process ran in a span, as far as its start and end are known. */
function ranIn(span: Span | undefined, { start, end }: ProcessFacts): boolean {
  if (span === undefined) return true
  return (start === undefined || start < span.to) && (end === undefined || end >= span.from)
}
