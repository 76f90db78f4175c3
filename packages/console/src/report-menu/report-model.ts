import { signal } from '@preact/signals'
import { agentGaps } from '../losses/known-gaps.ts'
import { download, fileName } from '../page/download.ts'
import type { WorkerLink } from '../page/worker-link.ts'
import type { ReportSubject } from '../report/report-facts.ts'
import { eventsText } from '../store/count-text.ts'
import type { SavedState } from '../summaries/alert-state.ts'

/** The last report that the user asked for, as Markdown. */
export class ReportModel {
  /** How far it is; empty: none was wanted. */
  readonly note = signal('')
  /** Undefined: it is not complete. */
  readonly text = signal<string | undefined>(undefined)
  readonly #link: WorkerLink
  readonly #states: () => readonly SavedState[]

  /** @param states of alerts */
  constructor(link: WorkerLink, states: () => readonly SavedState[]) {
    this.#link = link
    this.#states = states
    link.on('report', ({ events, of, text }) => {
      this.note.value =
        text === undefined
          ? `reading: ${events.toLocaleString('en')} of ${eventsText(of)}`
          : `ready: ${eventsText(events)}`
      this.text.value = text
    })
  }

  /** Makes a report of what is shown now. */
  make(subject: ReportSubject): void {
    this.note.value = 'reading'
    this.text.value = undefined
    const order = { subject, states: this.#states(), lost: agentGaps.value }
    this.#link.ask({ kind: 'report', order })
  }

  save(): void {
    const file = new Blob([this.text.value ?? ''], { type: 'text/markdown;charset=utf-8' })
    download(file, fileName('tetragon-report', 'md'))
  }
}
