import { useSignal } from '@preact/signals'
import { escapeUnprintable } from '@tetragon-ts/api'
import type { ComponentChildren } from 'preact'
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
  /** Whether the loaded policy enforces: then mode monitor is not offered. */
  readonly isEnforced: boolean
}

interface Properties {
  readonly change: Change
  /** What is known about its effect. */
  readonly children: ComponentChildren
  /** @param text that is to be loaded */
  readonly onConfirm: (text: string) => void
  readonly onCancel: () => void
}

/** Asks about a change, and shows the lines that differ. */
export function ChangeDialog({ change, children, onConfirm, onCancel }: Properties) {
  const dialog = useRef<HTMLDialogElement>(null)
  const { question, target, before, action } = change
  // An agent keeps the mode that “Enforce” has set, whatever the text says.
  const monitored = change.isEnforced ? undefined : target.monitored
  const monitors = useSignal(monitored !== undefined)
  const after = monitors.value && monitored !== undefined ? monitored : target.text
  const lines = useMemo(() => lineDiff(before ?? '', after), [before, after])
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} class="change" aria-label={question} onClose={onCancel}>
      <h2>{question}</h2>
      {monitored !== undefined && (
        <fieldset class="modes">
          <legend>The policy can stop programs</legend>
          <Mode
            isChosen={monitors.value}
            onChoose={() => {
              monitors.value = true
            }}
          >
            Monitor: report what it would stop; “Enforce” afterwards is one click
          </Mode>
          <Mode
            isChosen={!monitors.value}
            onChoose={() => {
              monitors.value = false
            }}
          >
            Enforce now
          </Mode>
        </fieldset>
      )}
      {target.loaded !== undefined && (
        <p>
          The loaded policy {change.isEnforced ? 'enforces' : 'does not enforce'}. A mode that was
          set with “Enforce” or “Only monitor” stays; otherwise the mode of the text is in force.
        </p>
      )}
      {children}
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
        <button type="button" onClick={() => onConfirm(after)}>
          {action}
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </dialog>
  )
}

interface ModeProperties {
  readonly isChosen: boolean
  readonly onChoose: () => void
  readonly children: ComponentChildren
}

function Mode({ isChosen, onChoose, children }: ModeProperties) {
  return (
    <label>
      <input type="radio" name="mode" checked={isChosen} onChange={onChoose} /> {children}
    </label>
  )
}
