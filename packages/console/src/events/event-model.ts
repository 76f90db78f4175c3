import { batch, effect, signal } from '@preact/signals'
import { parameter } from '../page/address.ts'
import type { RefusedFilter } from '../page/filter-notes.tsx'
import type { Part } from '../page/virtual-list.tsx'
import type { WorkerLink } from '../page/worker-link.ts'
import type { EventDetail, EventRow } from '../worker/protocol.ts'
import type { WantedRows } from '../worker/wanted-rows.ts'

/** The list of events: what it shows, and what it asks the worker for. */
export class EventModel {
  readonly filter = signal(parameter('filter', '/events'))
  /** The filter, if it is invalid: then the last valid one is in force. */
  readonly refused = signal<RefusedFilter | undefined>(undefined)
  /** Number of the last event to show; undefined: all, as they arrive. */
  readonly pausedAt = signal<number | undefined>(undefined)
  readonly selected = signal<number | undefined>(undefined)
  /** The event that the list must scroll to. */
  readonly reveal = signal<number | undefined>(undefined)
  /** The event that the address names, until it is found; otherwise empty. */
  readonly wanted = signal(parameter('event', '/events'))
  readonly part = signal<Part<EventRow>>({ from: 0, rows: [], count: 0 })
  readonly detail = signal<EventDetail | 'dropped' | undefined>(undefined)
  /** The event that an address named. */
  #found: { readonly id: number; readonly key: string } | undefined
  readonly #link: WorkerLink

  constructor(link: WorkerLink) {
    this.#link = link
    link.on('events', (part) => {
      this.part.value = part
    })
    link.on('event', ({ id, detail }) => {
      if (id === this.selected.value) this.detail.value = detail ?? 'dropped'
    })
    link.on('filter', ({ text, problem }) => {
      if (text !== this.filter.value) return
      const message = `${problem?.message}; the last valid filter stays in force`
      this.refused.value = problem && { ...problem, text, message }
    })
    link.on('found', ({ id, key }) => {
      if (key !== this.wanted.value) return
      this.#found = { id, key }
      this.open(id)
    })
    effect(() => link.ask({ kind: 'filter', text: this.filter.value }))
    effect(() => link.ask({ kind: 'pause', until: this.pausedAt.value }))
    effect(() => {
      const id = this.selected.value
      this.detail.value = undefined
      if (id !== undefined) link.ask({ kind: 'event', id })
    })
    if (this.wanted.value !== '') link.ask({ kind: 'find', key: this.wanted.value })
  }

  /** Names the chosen event in links; empty without one. */
  get key(): string {
    const detail = this.detail.value
    if (typeof detail === 'object') return detail.key
    const isFound = this.#found !== undefined && this.#found.id === this.selected.value
    return isFound ? this.#found!.key : this.wanted.value
  }

  /**
   * Asks for rows, up to the last event of the summary: a list that followed each event would ask
   * again with each answer.
   */
  see(rows: WantedRows): void {
    const until = this.pausedAt.value ?? this.#link.summary.value.last
    this.#link.ask({ kind: 'events', rows, until })
  }

  /** Shows the events that match a filter, from the first one on as they arrive. */
  show(filter: string): void {
    this.select(undefined)
    this.pausedAt.value = undefined
    this.filter.value = filter
  }

  /** Shows what an address says. @param key names the chosen event; empty: none */
  restore(filter: string, key: string): void {
    this.filter.value = filter
    if (key === this.key) return
    this.select(undefined)
    this.wanted.value = key
    if (key !== '') this.#link.ask({ kind: 'find', key })
  }

  /** Selects an event that another part of the page names, and scrolls to it. */
  open(id: number): void {
    this.select(id)
    this.reveal.value = id
  }

  select(id: number | undefined): void {
    if (id !== undefined) {
      // The summary, and the pause, may be older than the event: the list would not have it.
      this.pausedAt.value = Math.max(id, this.pausedAt.value ?? this.#link.summary.value.last)
    }
    // In one step: between the two, the address would name no event.
    batch(() => {
      this.wanted.value = ''
      this.selected.value = id
    })
  }

  /** Stops the list. Later events are kept and counted, and shown when it continues. */
  pause(): void {
    this.pausedAt.value ??= this.#link.summary.value.last
  }

  togglePause(): void {
    if (this.pausedAt.value === undefined) this.pause()
    else this.pausedAt.value = undefined
  }
}
