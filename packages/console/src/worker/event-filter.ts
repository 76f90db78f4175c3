import type { CompiledExpression } from '../store/compile-expression.ts'
import type { EventStore } from '../store/event-store.ts'
import { compileFilter, type IsBelow } from '../store/filter.ts'
import { type FilterProblem, splitFilter } from '../store/filter-text.ts'
import { WorkSlices } from './work-slices.ts'

/** The filter of the events: the last one that is valid stays in force. */
export class EventFilter {
  /** Whether kept events are still being tested. */
  isSearching = false
  /** Changes when other events may be shown than before, and their number may be equal. */
  version = 0
  /** The filter in force. */
  text = ''
  readonly #store: EventStore
  readonly #isBelow: IsBelow
  readonly #slices = new WorkSlices()
  /** Number of the last filter that was set. */
  #last = 0

  constructor(store: EventStore, isBelow: IsBelow) {
    this.#store = store
    this.#isBelow = isBelow
  }

  /** Sets the filter. @returns what is wrong with it, as soon as that is certain */
  async set(text: string): Promise<FilterProblem | undefined> {
    const number = ++this.#last
    const { match, problem } = await expressionOf(text)
    if (match === undefined || number !== this.#last) return problem
    this.text = text
    this.#store.filter(compileFilter(text, match, this.#isBelow))
    this.apply()
    return undefined
  }

  /** Tests the kept events in slices, so that events and requests are handled in between. */
  apply(): void {
    this.version++
    if (!this.isSearching) void this.#search()
  }

  async #search(): Promise<void> {
    this.isSearching = true
    this.#slices.begin()
    while (!this.#store.filterUntil(() => this.#slices.isOver)) {
      this.version++
      await this.#slices.pause()
    }
    this.isSearching = false
    this.version++
  }
}

/** The library of expressions is loaded for the first one. */
async function expressionOf(text: string): Promise<CompiledExpression> {
  if (splitFilter(text).expression === '') return { match: () => true }
  const { compileExpression } = await import('../store/compile-expression.ts')
  return compileExpression(text)
}
