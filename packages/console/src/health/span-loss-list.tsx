import { escapeUnprintable } from '@tetragon-ts/api'
import { Fragment } from 'preact'
import type { LostInSpan } from '../losses/loss-history.ts'
import { spanText } from '../store/time-text.ts'

/** What an agent lost in the selected span, as far as the page has looked at it. */
export function SpanLossList({ lost }: { readonly lost: LostInSpan | undefined }) {
  const losses = Object.entries(lost?.losses ?? {})
  return (
    <>
      <h2>Lost in the selected span</h2>
      {lost === undefined ? (
        <p>No history: the page did not look at this agent then.</p>
      ) : (
        <p>
          {losses.length === 0 && 'Nothing. '}
          The page looks at losses every few seconds: these are from {spanText(lost)}.
        </p>
      )}
      <dl class="facts">
        {losses.map(([kind, count]) => (
          <Fragment key={kind}>
            <dt>{escapeUnprintable(kind)}</dt>
            <dd class="missing">{`${count}`}</dd>
          </Fragment>
        ))}
      </dl>
    </>
  )
}
