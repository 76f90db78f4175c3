import { computed, effect, type Signal, signal } from '@preact/signals'
import type { WorkerLink } from '../page/worker-link.ts'
import { termOf } from '../store/filter.ts'
import { addTerm, type FieldName } from '../store/filter-text.ts'
import type { ShownValues } from '../worker/shown-values.ts'

/** The values of the list while their menu is open: counted for each filter, and not for events. */
export class ValuesModel {
  /** Undefined: they are being counted. */
  readonly values = signal<ShownValues | undefined>(undefined)
  readonly #isOpen = signal(false)
  readonly #filter: Signal<string>

  /** @param until number of the last event of the list; undefined: it is not paused */
  constructor(link: WorkerLink, filter: Signal<string>, until: () => number | undefined) {
    this.#filter = filter
    link.on('values', ({ values }) => {
      this.values.value = values
    })
    // Rows that change places with each event cannot be clicked.
    const version = computed(() => {
      const { isSearching, filterVersion } = link.summary.value
      return isSearching ? undefined : filterVersion
    })
    effect(() => {
      if (!this.#isOpen.value || version.value === undefined) return
      link.ask({ kind: 'values', until: until() })
    })
  }

  /** Says whether the menu is open. */
  setOpen(isOpen: boolean): void {
    // Those of the last time are of another list.
    if (isOpen) this.values.value = undefined
    this.#isOpen.value = isOpen
  }

  /** Shows only events with a value. */
  only(field: FieldName, value: string): void {
    const term = termOf(field, value)
    const filter = this.#filter
    if (!` ${filter.value} `.includes(` ${term} `)) filter.value = addTerm(filter.value, term)
  }
}
