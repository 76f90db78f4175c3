import { signal } from '@preact/signals'
import { download, fileName } from '../page/download.ts'
import type { WorkerLink } from '../page/worker-link.ts'
import type { EventExport } from '../worker/event-export.ts'
import { type ExportFormatName, exportFormats } from '../worker/export-formats.ts'

/** Files of the events in the list, which the browser saves. */
export class ExportModel {
  /** How far the file is, and what it lacks; empty: none was wanted. */
  readonly note = signal('')
  readonly #link: WorkerLink
  readonly #until: () => number | undefined

  /** @param until number of the last event of the list; undefined: it is not paused */
  constructor(link: WorkerLink, until: () => number | undefined) {
    this.#link = link
    this.#until = until
    link.on('export', (progress) => {
      this.note.value = noteOf(progress)
      const { file, format } = progress
      if (file === undefined) return
      download(file, fileName('tetragon-events', exportFormats[format].suffix))
    })
  }

  save(format: ExportFormatName): void {
    this.note.value = 'saving'
    this.#link.ask({ kind: 'export', format, until: this.#until() })
  }
}

function noteOf({ file, events, of, undecoded, dropped }: EventExport): string {
  if (file === undefined) return `saving: ${events} of ${of}`
  const lacks = [
    ...(undecoded > 0 ? [`${undecoded} cannot be decoded`] : []),
    ...(dropped > 0 ? [`${dropped} dropped before their turn`] : []),
  ]
  return [`${events} saved`, ...lacks].join('; ')
}
