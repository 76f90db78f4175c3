import { computed, effect, signal } from '@preact/signals'
import { parameter } from '../page/address.ts'
import { span } from '../page/span.ts'
import type { Part } from '../page/virtual-list.tsx'
import type { WorkerLink } from '../page/worker-link.ts'
import type { Alert, AlertSummary } from '../summaries/alert-groups.ts'
import type { EventDetail } from '../worker/protocol.ts'
import { rangeOf, type WantedRows } from '../worker/wanted-rows.ts'
import { type AlertState, AlertStates } from './alert-states.ts'

/** Milliseconds between looks at the worker, while the view is open. */
const refreshMs = 500

/** An alert with its state. */
export interface AlertRow extends Alert {
  readonly state: AlertState
  readonly note: string
}

/** The alerts: which are shown, and which one is chosen. */
export class AlertModel {
  readonly filter = signal(parameter('filter', '/alerts'))
  /** Undefined: the worker has not answered yet. */
  readonly summary = signal<AlertSummary | undefined>(undefined)
  /** Number of the chosen alert. */
  readonly selected = signal<number | undefined>(undefined)
  readonly #wanted = signal<WantedRows>({ from: 0, to: 0 })
  readonly showsClosed = signal(parameter('closed', '/alerts') !== '')
  readonly detail = signal<EventDetail | 'dropped' | undefined>(undefined)
  readonly states = new AlertStates()
  readonly #all = computed<readonly AlertRow[]>(() => {
    return (this.summary.value?.alerts ?? []).map((alert) => {
      return { ...alert, ...this.states.of(alert) }
    })
  })
  readonly closed = computed(() => this.#all.value.filter(({ state }) => state === 'closed').length)
  /** The alerts of the list. */
  readonly alerts = computed<readonly AlertRow[]>(() => {
    return this.showsClosed.value
      ? this.#all.value
      : this.#all.value.filter(({ state }) => state !== 'closed')
  })
  readonly chosen = computed<AlertRow | undefined>(() => {
    return this.#all.value.find(({ id }) => id === this.selected.value)
  })
  readonly part = computed<Part<AlertRow>>(() => {
    const all = this.alerts.value
    const positionOf = (wanted: unknown): number => all.findIndex(({ id }) => id === wanted)
    const { from, to, ...around } = rangeOf(this.#wanted.value, all.length, positionOf)
    return { from, rows: all.slice(from, to), count: all.length, ...around }
  })
  /** The latest event of the chosen alert. */
  readonly #event = computed(() => this.chosen.value?.event)
  readonly #link: WorkerLink

  constructor(link: WorkerLink) {
    this.#link = link
    link.on('alerts', ({ summary }) => {
      this.summary.value = summary
    })
    link.on('event', ({ id, detail }) => {
      if (id === this.#event.value) this.detail.value = detail ?? 'dropped'
    })
    effect(() => {
      const id = this.#event.value
      this.detail.value = undefined
      if (id !== undefined) link.ask({ kind: 'event', id })
    })
  }

  /** Asks the worker now and then, and for another filter or span. @returns ends that */
  watch(): () => void {
    const ask = (): void => this.#link.ask({ kind: 'alerts', filter: this.filter.value })
    const timer = setInterval(ask, refreshMs)
    const stop = effect(() => {
      void span.value
      void this.filter.value
      // The worker must hear of the span first.
      queueMicrotask(ask)
    })
    return () => {
      clearInterval(timer)
      stop()
    }
  }

  see(rows: WantedRows): void {
    this.#wanted.value = rows
  }
}
