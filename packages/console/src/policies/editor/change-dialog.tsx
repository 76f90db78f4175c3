import { escapeUnprintable } from '@tetragon-ts/api'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { Target } from '../policy-model.ts'
import { lineDiff } from './line-diff.ts'

/** A change of the loaded policies that the user is asked about. */
export interface Change {
  /** What is to be done, as a question. */
  readonly question: string
  readonly target: Target
  /** The loaded text; undefined: the policy is new, or the agent does not report its text. */
  readonly before: string | undefined
  readonly action: string
}

interface Properties {
  readonly change: Change
  readonly onConfirm: () => void
  readonly onCancel: () => void
}

/** Asks about a change, and shows the lines that differ. */
export function ChangeDialog({ change, onConfirm, onCancel }: Properties) {
  const dialog = useRef<HTMLDialogElement>(null)
  const { question, target, before, action } = change
  const after = target.text
  const lines = useMemo(() => lineDiff(before ?? '', after), [before, after])
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} class="change" aria-label={question} onClose={onCancel}>
      <h2>{question}</h2>
      {before === after && <p>The texts are the same.</p>}
      {target.loaded !== undefined && before === undefined && (
        <p>The agent does not report the loaded text: all lines are shown as new.</p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, keys cannot scroll the text */}
      <pre class="diff" tabIndex={0}>
        {lines.map(({ sign, text }, i) => (
          <div key={i} class={sign === '+' ? 'added' : sign === '-' ? 'removed' : ''}>
            {sign} {escapeUnprintable(text)}
          </div>
        ))}
      </pre>
      <div class="terms">
        <button type="button" onClick={onConfirm}>
          {action}
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </dialog>
  )
}
