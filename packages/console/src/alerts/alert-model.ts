import { computed, effect, signal } from '@preact/signals'
import { escapeUnprintable } from '@tetragon-ts/api'
import { parameter } from '../page/address.ts'
import { span } from '../page/span.ts'
import type { Part } from '../page/virtual-list.tsx'
import type { WorkerLink } from '../page/worker-link.ts'
import type { Alert, AlertSummary } from '../summaries/alert-groups.ts'
import type { AlertState } from '../summaries/alert-state.ts'
import type { EventDetail } from '../worker/protocol.ts'
import { rangeOf, type WantedRows } from '../worker/wanted-rows.ts'
import { AlertNotifier } from './alert-notifier.ts'
import { AlertStates } from './alert-states.ts'

/** Milliseconds between looks at the worker, while the view is open. */
const refreshMs = 500
/** The same for notifications. */
const notifyMs = 5000
/** Clocks of agents may be behind that of the browser, in milliseconds. */
const clockErrorMs = 60_000

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
  /** The lowest level of notifications; empty: there are none. */
  readonly notifiesFrom = signal('')
  /** Why there are none, though they were asked for. */
  readonly notifyNote = signal('')
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
  #notifier: AlertNotifier | undefined
  #notifyTimer: ReturnType<typeof setInterval> | undefined
  readonly #link: WorkerLink

  constructor(link: WorkerLink) {
    this.#link = link
    link.on('alerts', ({ summary }) => {
      this.summary.value = summary
      const fresh = this.#all.value.filter(({ state }) => state === 'new')
      this.#notifier?.see(fresh, this.notifiesFrom.value, performance.now())
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
    const ask = (): void => this.#ask()
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

  /** Notifies of new alerts from a level on while the page is open; empty: not. */
  async notify(level: string): Promise<void> {
    this.#notifier = undefined
    this.notifiesFrom.value = ''
    this.notifyNote.value = ''
    clearInterval(this.#notifyTimer)
    if (level === '') return
    const isPermitted =
      'Notification' in globalThis && (await Notification.requestPermission()) === 'granted'
    if (!isPermitted) {
      this.notifyNote.value = 'The browser does not permit it.'
      return
    }
    const since = Date.now() - clockErrorMs
    this.#notifier = new AlertNotifier(this.#all.value, since, (text) => {
      new Notification('Tetragon', { body: escapeUnprintable(text), tag: 'tetragon-alerts' })
    })
    this.notifiesFrom.value = level
    this.#notifyTimer = setInterval(() => this.#ask(), notifyMs)
  }

  #ask(): void {
    this.#link.ask({ kind: 'alerts', filter: this.filter.value })
  }

  see(rows: WantedRows): void {
    this.#wanted.value = rows
  }
}
