import { gapsIn, gapText } from '../store/gaps.ts'
import type { Span } from '../store/span.ts'
import { gaps } from './known-gaps.ts'

interface Properties {
  /** Undefined: all times. */
  readonly span: Span | undefined
  /** Only what may be of this node; undefined: of all. */
  readonly node?: string
  /** What may be missing because of it. */
  readonly text: string
}

/** Says that events are missing in what is shown; nothing if none was lost. */
export function LossNote({ span, node, text }: Properties) {
  const lost = gapText(gapsIn(gaps.value, span, node))
  return lost === '' ? null : <p class="loss">{`⚠ ${lost} ${text}`}</p>
}

/** A mark in the header of every view: the page does not have all events. */
export function LossMark({ onOpen }: { readonly onOpen: () => void }) {
  const lost = gapText(gaps.value)
  return (
    <>
      {/* Screen readers report the first loss, and not each change of the number. */}
      <span class="hidden" aria-live="polite">
        {lost !== '' && 'Events were lost'}
      </span>
      {lost !== '' && (
        <button type="button" class="loss-mark" title="Show which, and why" onClick={onOpen}>
          {`⚠ ${lost}`}
        </button>
      )}
    </>
  )
}
