import { escapeUnprintable } from '@tetragon-ts/api'
import { timeText } from '../store/time-text.ts'
import type { Outcome } from '../summaries/enforced-actions.ts'
import type { EnforcementGroup, EnforcementSummary } from '../summaries/enforcement-groups.ts'
import type { NameCount } from '../summaries/frequent-names.ts'
import type { EnforcementModel } from './enforcement-model.ts'

interface Properties {
  readonly outcome: Outcome
  readonly title: string
  /** Empty: the title says it all. */
  readonly note: string
  readonly summary: EnforcementSummary
  readonly model: EnforcementModel
}

/** Groups with the same outcome; nothing if there are none. */
export function EnforcementTable({ outcome, title, note, summary, model }: Properties) {
  const groups = model.groups(outcome)
  const ungrouped = summary.ungrouped[outcome]
  const total = groups.reduce((sum, { count }) => sum + count, ungrouped)
  if (total === 0) return null
  const isAlarm = outcome === 'failed'
  return (
    <section aria-label={title}>
      <h2 class={isAlarm ? 'missing' : ''}>
        {title}: {total}
      </h2>
      {note !== '' && (
        <p class={isAlarm ? 'note missing' : 'note'} role={isAlarm ? 'alert' : undefined}>
          {note}
        </p>
      )}
      {ungrouped > 0 && (
        <p class="note">{ungrouped} of them are not in the table: it has too many rows.</p>
      )}
      <table class="enforcement">
        <thead>
          <tr>
            <th>Policy</th>
            <th>Hook</th>
            <th>Action</th>
            <th>Means</th>
            <th>Count</th>
            <th>What, most often</th>
            <th>By whom, most often</th>
            <th>First</th>
            <th>Last</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <Row key={group.key} group={group} model={model} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

interface RowProperties {
  readonly group: EnforcementGroup
  readonly model: EnforcementModel
}

function Row({ group, model }: RowProperties) {
  const { policy, hook, action, means, count, events, limitReached, first, last } = group
  return (
    <tr>
      <td>
        <button
          type="button"
          class="link"
          title="Show its events"
          onClick={() => model.open(group)}
        >
          <bdi>{escapeUnprintable(policy) || '(no policy)'}</bdi>
        </button>
      </td>
      <td>
        <bdi>{escapeUnprintable(hook)}</bdi>
      </td>
      <td>{escapeUnprintable(action)}</td>
      <td>{escapeUnprintable(means) || 'not reported'}</td>
      <td>
        {count}
        {events < count && <small>{events === 1 ? ' in 1 event' : ` in ${events} events`}</small>}
        {limitReached > 0 && <small> limit reached: {limitReached}</small>}
      </td>
      <td>
        <Names names={group.operations} />
      </td>
      <td>
        <Names names={group.binaries} />
        <Names names={group.pods} />
      </td>
      <td>{timeText(first)}</td>
      <td>{timeText(last, first)}</td>
    </tr>
  )
}

function Names({ names }: { readonly names: readonly NameCount[] }) {
  if (names.length === 0) return null
  return (
    <ul class="names">
      {names.map(({ name, count, isExact }) => (
        <li key={name}>
          <bdi>{escapeUnprintable(name) || '(unknown)'}</bdi>{' '}
          <small>{isExact ? count : `at most ${count}`}</small>
        </li>
      ))}
    </ul>
  )
}
