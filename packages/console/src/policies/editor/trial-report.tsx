import { escapeUnprintable } from '@tetragon-ts/api'
import type { MatchedEvent, PolicyOutcome } from '../../checker/results.ts'
import { LossNote } from '../../losses/loss-note.tsx'
import { spanText, timeText } from '../../store/time-text.ts'
import type { Trial } from './editor-model.ts'

interface Properties {
  readonly trial: Trial
  readonly onOpenEvent: (id: number) => void
}

/** What the text would have matched, and what a dry run cannot know. */
export function TrialReport({ trial: { span, result, remaining }, onOpenEvent }: Properties) {
  const { events, matched, policies, matches } = result
  return (
    <section aria-label="Dry run">
      <h2>Dry run</h2>
      <p role="status">
        {matched} of {events} kept events{' '}
        {span !== undefined && `of the selected span (${spanText(span)}) `}would match
        {remaining > 0 && `; ${remaining} are still to be looked at`}
      </p>
      <LossNote span={span} text="in this time: more may match." />
      {policies.map((policy) => (
        <Outcome key={policy.name} policy={policy} />
      ))}
      <p class="hint">
        Events record what loaded policies have hooked, and the starts of programs. Other calls are
        unknown here.
      </p>
      {matches.length > 0 && <Matches matches={matches} onOpenEvent={onOpenEvent} />}
    </section>
  )
}

function Outcome({ policy }: { readonly policy: PolicyOutcome }) {
  const { name, selectors, unrecorded, undecided, assumptions } = policy
  return (
    <>
      <table>
        <caption>
          <bdi>{escapeUnprintable(name)}</bdi>, by selector
        </caption>
        <tbody>
          {selectors.map(({ path, label, call, events }) => (
            <tr key={path}>
              <td>{events}</td>
              <td>
                <bdi>{escapeUnprintable(call)}</bdi> {escapeUnprintable(label)}
              </td>
              <td>
                <small>{path}</small>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {undecided.map(({ path, needs, count }) => (
        <p key={path} class="hint">
          {count} undecided at {path}: events lack {needs}.
        </p>
      ))}
      {assumptions.map((text) => (
        <p key={text} class="hint">
          Assumed: {text}.
        </p>
      ))}
      {unrecorded.length > 0 && (
        <p class="hint">
          No event records calls of {unrecorded.map(escapeUnprintable).join(', ')}: load the policy
          in mode monitor first.
        </p>
      )}
    </>
  )
}

function Matches({
  matches,
  onOpenEvent,
}: {
  readonly matches: readonly MatchedEvent[]
  readonly onOpenEvent: (id: number) => void
}) {
  return (
    <ul class="findings">
      {matches.toReversed().map(({ id, time, line, selector }, i, rows) => (
        <li key={id}>
          <button type="button" class="link" onClick={() => onOpenEvent(id)}>
            {timeText(time, rows[i - 1]?.time)} <bdi>{line}</bdi>
          </button>{' '}
          <small>{selector}</small>
        </li>
      ))}
    </ul>
  )
}
