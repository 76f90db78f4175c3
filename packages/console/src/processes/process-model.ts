import { effect, signal } from '@preact/signals'
import { parameter } from '../page/address.ts'
import { span } from '../page/span.ts'
import type { Part } from '../page/virtual-list.tsx'
import type { WorkerLink } from '../page/worker-link.ts'
import type { ProcessFacts } from '../store/process-facts.ts'
import type { Actions } from '../worker/process-actions.ts'
import type { ProcessRow } from '../worker/protocol.ts'
import type { WantedRows } from '../worker/wanted-rows.ts'

/** Milliseconds between two requests for what a process did. */
const freshMs = 1000

/** The tree of processes: what it shows, and what it asks the worker for. */
export class ProcessModel {
  readonly filter = signal(parameter('filter', '/processes'))
  /** An exec id. */
  readonly selected = signal(parameter('id', '/processes'))
  /** The process that the list must scroll to. */
  readonly reveal = signal(this.selected.value === '' ? undefined : this.selected.value)
  readonly part = signal<Part<ProcessRow>>({ from: 0, rows: [], count: 0 })
  readonly lineage = signal<readonly ProcessFacts[]>([])
  readonly actions = signal<Actions | undefined>(undefined)
  readonly #link: WorkerLink
  #askedAt = 0

  constructor(link: WorkerLink) {
    this.#link = link
    link.on('processes', (part) => {
      this.part.value = part
    })
    link.on('lineage', ({ execId, lineage }) => {
      if (execId === this.selected.value) this.lineage.value = lineage
    })
    link.on('actions', ({ execId, actions }) => {
      if (execId === this.selected.value) this.actions.value = actions
    })
    effect(() => {
      this.lineage.value = []
      this.actions.value = undefined
      const execId = this.selected.value
      if (execId !== '') link.ask({ kind: 'lineage', execId })
    })
    effect(() => {
      void span.value
      void this.selected.value
      this.#askedAt = 0
      this.refresh(performance.now())
    })
  }

  /** Asks for what the selected process did, unless that was done just now. */
  refresh(now: number): void {
    const execId = this.selected.value
    if (execId === '' || now - this.#askedAt < freshMs) return
    this.#askedAt = now
    this.#link.ask({ kind: 'lineage', execId })
    this.#link.ask({ kind: 'actions', execId })
  }

  /** Asks for rows. */
  see(rows: WantedRows): void {
    this.#link.ask({ kind: 'processes', rows, filter: this.filter.value })
  }

  /** Selects a process that another part of the page names, and scrolls to it. */
  open(execId: string): void {
    this.filter.value = ''
    this.selected.value = execId
    this.reveal.value = execId
  }
}
