import { escapeUnprintable } from '@tetragon-ts/api'
import { timeText } from '../store/time-text.ts'
import type { PastState } from '../worker/past-reader.ts'

/** Says which events from before the page it has. */
export function PastNote({ past }: { readonly past: PastState | undefined }) {
  const text = past && textOf(past)
  return text === undefined ? null : <p class="past">{escapeUnprintable(text)}</p>
}

function textOf({ isReading, events, problem, keptSince }: PastState): string | undefined {
  if (isReading) return `Reading events of the past: ${events.toLocaleString('en')}…`
  if (problem !== undefined) {
    return events === 0
      ? `No events of the past: ${problem}.`
      : `Not all events of the past are here: ${problem}.`
  }
  if (keptSince !== undefined) return `The agent keeps events since ${timeText(keptSince)}.`
  return events === 0
    ? 'No events of the past: the agent keeps none (--export-filename).'
    : undefined
}
