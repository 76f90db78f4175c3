import { escapeUnprintable } from '@tetragon-ts/api'
import { type FilterProblem, unknownFields } from '../store/filter-text.ts'

/** A filter that is not in force, and why. */
export interface RefusedFilter extends FilterProblem {
  /** The whole filter. */
  readonly text: string
}

interface Properties {
  readonly id: string
  readonly filter: string
  readonly refused: RefusedFilter | undefined
}

/** Characters shown before and after the wrong part of a filter. */
const contextMax = 60

/** What is wrong with a filter, below its field. */
export function FilterNotes({ id, filter, refused }: Properties) {
  return (
    <div id={id} class="notes" aria-live="polite">
      {refused !== undefined && (
        <p class="refused">
          <Excerpt refused={refused} />
          <bdi>{escapeUnprintable(refused.message)}</bdi>
        </p>
      )}
      {unknownFields(filter).map(({ start, message }) => (
        <p key={start}>
          <bdi>{message}</bdi>
        </p>
      ))}
    </div>
  )
}

/** The filter around its wrong part, which is underlined. */
function Excerpt({ refused: { text, start, end } }: { readonly refused: RefusedFilter }) {
  const before = text.slice(Math.max(0, start - contextMax), start)
  // Where something is missing, there is a blank to underline.
  const wrong = text.slice(start, Math.min(end, start + contextMax)) || '\u00a0'
  const after = text.slice(end, end + contextMax)
  return (
    <code>
      <bdi>
        {start > contextMax && '…'}
        {escapeUnprintable(before)}
        <u>{escapeUnprintable(wrong)}</u>
        {escapeUnprintable(after)}
        {end + contextMax < text.length && '…'}
      </bdi>
    </code>
  )
}
