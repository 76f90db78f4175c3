import { computed, effect, signal } from '@preact/signals'
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
  /** Exec ids of processes below which nothing is shown. */
  readonly collapsed = signal<readonly string[]>([])
  readonly #answer = signal<Part<ProcessRow>>({ from: 0, rows: [], count: 0 })
  /** The row of a process has the id of the selected image. */
  readonly part = computed<Part<ProcessRow>>(() => {
    const { rows, ...part } = this.#answer.value
    const [selected, reveal] = [this.selected.value, this.reveal.value]
    const idOf = ({ id, earlier }: ProcessRow): string =>
      earlier.find(({ execId }) => execId === selected || execId === reveal)?.execId ?? id
    return { ...part, rows: rows.map((row) => ({ ...row, id: idOf(row) })) }
  })
  readonly lineage = signal<readonly ProcessFacts[]>([])
  readonly actions = signal<Actions | undefined>(undefined)
  readonly #link: WorkerLink
  #askedAt = 0

  constructor(link: WorkerLink) {
    this.#link = link
    link.on('processes', (part) => {
      this.#answer.value = part
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
    effect(() => link.ask({ kind: 'collapse', execIds: this.collapsed.value }))
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

  /** Shows or hides what is below a row. */
  toggle({ id, earlier, hidden }: ProcessRow): void {
    const own = new Set([id, ...earlier.map(({ execId }) => execId)])
    const others = this.collapsed.value.filter((execId) => !own.has(execId))
    this.collapsed.value = hidden > 0 ? others : [...others, id]
  }

  /** Hides what is below the selected row, or else selects the row above it. */
  collapse(): void {
    const { rows } = this.part.value
    const index = rows.findIndex(({ id }) => id === this.selected.value)
    if (index < 0) return
    const row = rows[index]
    if (row.children > 0 && row.hidden === 0) return this.toggle(row)
    const parent = rows.slice(0, index).findLast(({ depth }) => depth < row.depth)
    if (parent !== undefined) this.selected.value = parent.id
  }

  /** Shows what is below the selected row. */
  expand(): void {
    const row = this.part.value.rows.find(({ id }) => id === this.selected.value)
    if (row !== undefined && row.hidden > 0) this.toggle(row)
  }

  /** Selects a process that another part of the page names, and scrolls to it. */
  open(execId: string): void {
    this.filter.value = ''
    this.collapsed.value = []
    this.selected.value = execId
    this.reveal.value = execId
  }
}
