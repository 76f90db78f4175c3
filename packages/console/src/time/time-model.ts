import { computed, effect, signal } from '@preact/signals'
import { span } from '../page/span.ts'
import type { WorkerLink } from '../page/worker-link.ts'
import type { DensityPart } from '../store/density.ts'
import type { Span } from '../store/span.ts'
import { barsOf, bucketsOf } from './bars.ts'
import type { Range } from './move-span.ts'

/** Milliseconds between two drawings. */
const freshMs = 500

/** The time line: the density of events, and the span that the user selects. */
export class TimeModel {
  readonly span = span
  /** The span that the user draws, until the button is released. */
  readonly draft = signal<Span | undefined>(undefined)
  readonly part = signal<DensityPart>({ start: 0, width: 1, counts: new Uint32Array() })
  /** What is drawn as selected. */
  readonly marked = computed(() => this.draft.value ?? span.value)
  readonly bars = computed(() => barsOf(this.part.value, this.marked.value))
  /** Undefined without events. */
  readonly range = computed<Range | undefined>(() => {
    const { start, width } = this.part.value
    const buckets = bucketsOf(this.part.value)
    return buckets === 0 ? undefined : { from: start, to: start + buckets * width, step: width }
  })
  readonly #link: WorkerLink
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(link: WorkerLink) {
    this.#link = link
    link.on('density', ({ part }) => {
      this.part.value = part
    })
    effect(() => link.ask({ kind: 'span', span: span.value }))
  }

  /** Asks for the density, unless that was done just now. @param now milliseconds */
  refresh(now: number): void {
    if (now - this.#askedAt < freshMs) return
    this.#askedAt = now
    this.#link.ask({ kind: 'density' })
  }

  /** Whether all events of the selected span were dropped, or are from before the page. */
  get isTooOld(): boolean {
    const range = this.range.value
    return range !== undefined && span.value !== undefined && span.value.to <= range.from
  }
}
