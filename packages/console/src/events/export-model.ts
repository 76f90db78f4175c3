import { signal } from '@preact/signals'
import type { WorkerLink } from '../page/worker-link.ts'
import type { EventExport } from '../worker/event-export.ts'
import { type ExportFormatName, exportFormats } from '../worker/export-formats.ts'

/** Milliseconds until a file that the browser takes over is released. */
const releaseMs = 60_000

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
      if (progress.file !== undefined) download(progress.file, fileName(progress.format))
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

/** With the time, without what file systems refuse in names. */
function fileName(format: ExportFormatName): string {
  const time = new Date()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-')
  return `tetragon-events-${time}.${exportFormats[format].suffix}`
}

function download(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), releaseMs)
}
