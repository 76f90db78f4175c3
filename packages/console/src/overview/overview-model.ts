import { effect, signal } from '@preact/signals'
import type { Lead } from '../page/lead.ts'
import { span } from '../page/span.ts'
import type { WorkerLink } from '../page/worker-link.ts'
import { termOf } from '../store/filter.ts'
import type { FieldName } from '../store/filter-text.ts'
import type { Overview } from '../worker/overview.ts'

/** Milliseconds between an answer and the next question, while the view is open: at least. */
const refreshMs = 2000
/** How many times as long as the answer took: many events keep the worker busy for a second. */
const restFactor = 4

/** What the events of the selected span are about. */
export class OverviewModel {
  /** Undefined: the worker has not answered yet. */
  readonly overview = signal<Overview | undefined>(undefined)
  readonly #link: WorkerLink
  readonly #lead: Lead
  #timer: ReturnType<typeof setTimeout> | undefined
  #isOpen = false
  #askedAt = 0

  constructor(link: WorkerLink, lead: Lead) {
    this.#link = link
    this.#lead = lead
    link.on('overview', ({ overview }) => {
      this.overview.value = overview
      const rest = Math.max(refreshMs, restFactor * (performance.now() - this.#askedAt))
      if (this.#isOpen) this.#timer = setTimeout(() => this.#ask(), rest)
    })
  }

  /** Asks the worker now and then, and when another span is selected. @returns ends that */
  watch(): () => void {
    this.#isOpen = true
    const stop = effect(() => {
      void span.value
      // The worker must hear of the span first.
      queueMicrotask(() => this.#ask())
    })
    return () => {
      this.#isOpen = false
      clearTimeout(this.#timer)
      stop()
    }
  }

  #ask(): void {
    clearTimeout(this.#timer)
    if (!this.#isOpen) return
    this.#askedAt = performance.now()
    this.#link.ask({ kind: 'overview' })
  }

  /** Shows the events with values in fields. */
  open(...terms: readonly (readonly [FieldName, string])[]): void {
    this.#lead.toEventsMatching(terms.map(([field, value]) => termOf(field, value)).join(' '))
  }
}
