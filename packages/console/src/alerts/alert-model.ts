import { computed, effect, signal } from '@preact/signals'
import { parameter } from '../page/address.ts'
import type { Lead } from '../page/lead.ts'
import { span } from '../page/span.ts'
import type { Part } from '../page/virtual-list.tsx'
import type { WorkerLink } from '../page/worker-link.ts'
import type { Alert, AlertSummary } from '../summaries/alert-groups.ts'
import { rangeOf, type WantedRows } from '../worker/wanted-rows.ts'

/** Milliseconds between looks at the worker, while the view is open. */
const refreshMs = 500

/** The alerts: which are shown, and which one is chosen. */
export class AlertModel {
  readonly filter = signal(parameter('filter', '/alerts'))
  /** Undefined: the worker has not answered yet. */
  readonly summary = signal<AlertSummary | undefined>(undefined)
  /** Number of the chosen alert. */
  readonly selected = signal<number | undefined>(undefined)
  readonly #wanted = signal<WantedRows>({ from: 0, to: 0 })
  readonly alerts = computed<readonly Alert[]>(() => this.summary.value?.alerts ?? [])
  readonly part = computed<Part<Alert>>(() => {
    const all = this.alerts.value
    const positionOf = (wanted: unknown): number => all.findIndex(({ id }) => id === wanted)
    const { from, to, ...around } = rangeOf(this.#wanted.value, all.length, positionOf)
    return { from, rows: all.slice(from, to), count: all.length, ...around }
  })
  readonly #link: WorkerLink
  readonly #lead: Lead

  constructor(link: WorkerLink, lead: Lead) {
    this.#link = link
    this.#lead = lead
    link.on('alerts', ({ summary }) => {
      this.summary.value = summary
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

  /** Opens the pane of the latest event of the chosen alert. */
  openEvent(): void {
    const alert = this.alerts.value.find(({ id }) => id === this.selected.value)
    if (alert !== undefined) this.open(alert)
  }

  /** Opens the pane of the latest event of an alert. */
  open({ event }: Pick<Alert, 'event'>): void {
    this.#lead.toEvent(event)
  }
}
