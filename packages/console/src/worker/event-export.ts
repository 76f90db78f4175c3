import type { EventStore } from '../store/event-store.ts'
import { type ExportFormatName, exportFormats } from './export-formats.ts'
import { exportLines } from './export-lines.ts'
import { WorkSlices } from './work-slices.ts'

/** Milliseconds between reports of the progress. */
const reportMs = 1000
/** Characters that are collected before they leave the memory of this thread. */
const chunkMax = 1 << 20

/** A file of events, as far as it is complete. */
export interface EventExport {
  readonly format: ExportFormatName
  /** Number of events in it. */
  readonly events: number
  /** Number of all that it shall have. */
  readonly of: number
  /** Events that cannot be decoded, and those that were dropped before their turn. */
  readonly undecoded: number
  readonly dropped: number
  /** Undefined: it is not complete. */
  readonly file?: Blob
}

/**
 * Writes the events that are shown now to a file, in slices: another filter changes nothing in it.
 * @param until number of the last event; undefined: all that are shown now
 * @param report gets the progress now and then, and the complete file
 * @param isWanted asked now and then: another export ends this one
 */
export async function exportEvents(
  store: EventStore,
  format: ExportFormatName,
  until: number | undefined,
  report: (progress: EventExport) => void,
  isWanted: () => boolean,
  slices = new WorkSlices(),
): Promise<void> {
  const { head, line } = exportLines[format]
  const type = exportFormats[format].mediaType
  const chunks: Blob[] = []
  const ids = store.shownIds(until)
  const counts = { events: 0, undecoded: 0, dropped: 0, of: ids.length }
  let reportedAt = performance.now()
  let text = head
  for (const id of ids) {
    const stored = store.get(id)
    try {
      if (stored === undefined) counts.dropped++
      else {
        text += line(stored)
        counts.events++
      }
    } catch {
      counts.undecoded++
    }
    if (text.length > chunkMax) {
      chunks.push(new Blob([text]))
      text = ''
    }
    if (!slices.isOver) continue
    if (performance.now() > reportedAt + reportMs) {
      reportedAt = performance.now()
      report({ format, ...counts })
    }
    await slices.pause()
    if (!isWanted()) return
  }
  report({ format, ...counts, file: new Blob([...chunks, text], { type }) })
}
