import { escapeUnprintable } from '@tetragon-ts/api'
import type { EventFinding } from '../summaries/found-rules.ts'

/** The detection rules that match an event, with what made each of them match. */
export function EventFindings({ findings }: { readonly findings: readonly EventFinding[] }) {
  if (findings.length === 0) return null
  return (
    <>
      <h2>Findings</h2>
      <ul class="event-findings" aria-label="Findings">
        {findings.map(({ level, title, notes, fields }) => (
          <li key={title}>
            <strong class={`level level-${level}`}>{level}</strong>{' '}
            <bdi>{escapeUnprintable(title)}</bdi> <small>{escapeUnprintable(notes)}</small>
            {fields.map(({ field, value }) => (
              <small key={field}>
                <bdi>{escapeUnprintable(field)}</bdi> <code>{escapeUnprintable(value)}</code>
              </small>
            ))}
          </li>
        ))}
      </ul>
    </>
  )
}
