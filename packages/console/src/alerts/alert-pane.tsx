import { escapeUnprintable } from '@tetragon-ts/api'
import { EventContent } from '../events/event-pane.tsx'
import { CopyButton } from '../page/copy-button.tsx'
import { DetailPane } from '../page/detail-pane.tsx'
import type { Lead } from '../page/lead.ts'
import type { AlertModel, AlertRow } from './alert-model.ts'
import { noteMax } from './alert-states.ts'
import { exceptionText } from './exception-text.ts'

interface Properties {
  readonly model: AlertModel
  readonly lead: Lead
  readonly onClose: () => void
}

/** The chosen alert with its state, and its latest event. */
export function AlertPane({ model, lead, onClose }: Properties) {
  const alert = model.chosen.value
  const detail = model.detail.value
  if (alert === undefined) return null
  return (
    <DetailPane label="Alert" onClose={onClose}>
      <h2>
        <bdi>{escapeUnprintable(alert.title)}</bdi>
      </h2>
      <State key={alert.key} model={model} alert={alert} />
      {hasExceptions(alert) && <Exception key={alert.id} alert={alert} />}
      {detail === 'dropped' && <p>Its latest event was dropped: too many came after it.</p>}
      {typeof detail === 'object' && (
        <EventContent detail={detail} filter={model.filter} lead={lead} />
      )}
    </DetailPane>
  )
}

function hasExceptions({ source, isCorrelation, binary }: AlertRow): boolean {
  return source === 'rule' && !isCorrelation && binary !== ''
}

/** State and note, with buttons that change them. */
function State({ model, alert }: { readonly model: AlertModel; readonly alert: AlertRow }) {
  const { states } = model
  return (
    <div class="alert-state">
      <p>State: {alert.state}</p>
      <textarea
        aria-label="Note"
        rows={2}
        maxLength={noteMax}
        value={alert.note}
        // The page is drawn again while someone types: text that is not kept would be gone.
        onInput={({ currentTarget }) => states.mark(alert, { note: currentTarget.value })}
      />
      <button type="button" onClick={() => states.mark(alert, { state: 'seen' })}>
        Seen (s)
      </button>
      <button type="button" onClick={() => states.mark(alert, { state: 'closed' })}>
        Close the alert
      </button>
      <button type="button" onClick={() => states.mark(alert, { state: 'new' })}>
        New
      </button>
      <span aria-live="polite">{states.problem.value}</span>
    </div>
  )
}

/** The text of an exception, to be saved among the rules. */
function Exception({ alert }: { readonly alert: AlertRow }) {
  const text = exceptionText(alert, Date.now())
  return (
    <details>
      <summary>Exception from this alert</summary>
      <p>Check it, name its owner, and load it as a rule.</p>
      <CopyButton label="Copy the exception" text={() => text} />
      <pre class="exception">{text}</pre>
    </details>
  )
}
