import type { EventStore } from './event-store.ts'
import { compileFilter, type Subject } from './filter.ts'
import type { ProcessFacts, ProcessIndex, ProcessRow } from './process-index.ts'
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
  #rows: readonly ProcessRow[] = []
  /** Events of processes in the span. */
  #counts: ReadonlyMap<string, number> | undefined

  constructor(index: ProcessIndex, store: EventStore) {
    this.#index = index
    this.#store = store
  }

  /**
   * @param span only processes that ran in it
   * @param now milliseconds
   */
  rows(filter: string, span: Span | undefined, now: number): readonly ProcessRow[] {
    const isSame = filter === this.#filter && span === this.#span
    if (isSame && now - this.#madeAt < freshMs) return this.#rows
    const match = compileFilter(filter)
    this.#rows = this.#index.tree((facts) => ranIn(span, facts) && match(subjectOf(facts)))
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

function subjectOf({ execId, binary, args, pod, pid, node, ending }: ProcessFacts): Subject {
  const line = `${node} ${pod} ${pid} ${binary} ${args} ${ending}`.toLowerCase()
  return { line, fields: { binary, pod, pid: String(pid), node, exec: execId } }
}

/** Whether a process ran in a span, as far as its start and end are known. */
function ranIn(span: Span | undefined, { start, end }: ProcessFacts): boolean {
  if (span === undefined) return true
  return (start === undefined || start < span.to) && (end === undefined || end >= span.from)
}
