import { effect, signal } from '@preact/signals'
import { parameter } from '../page/address.ts'
import type { Part } from '../page/virtual-list.tsx'
import type { WorkerLink } from '../page/worker-link.ts'
import type { ProcessFacts } from '../store/process-index.ts'
import type { ProcessRow } from '../worker/protocol.ts'

/** The tree of processes: what it shows, and what it asks the worker for. */
export class ProcessModel {
  readonly filter = signal(parameter('filter'))
  /** An exec id. */
  readonly selected = signal(parameter('id'))
  readonly part = signal<Part<ProcessRow>>({ from: 0, rows: [], count: 0 })
  readonly lineage = signal<readonly ProcessFacts[]>([])
  readonly #link: WorkerLink

  constructor(link: WorkerLink) {
    this.#link = link
    link.on('processes', (part) => {
      this.part.value = part
    })
    link.on('lineage', ({ execId, lineage }) => {
      if (execId === this.selected.value) this.lineage.value = lineage
    })
    effect(() => {
      this.lineage.value = []
      const execId = this.selected.value
      if (execId !== '') link.ask({ kind: 'lineage', execId })
    })
  }

  /** Asks for rows by their positions. */
  see(from: number, to: number): void {
    this.#link.ask({ kind: 'processes', from, to, filter: this.filter.value })
  }
}
