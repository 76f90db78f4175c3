import { escapeUnprintable } from '@tetragon-ts/api'
import { useEffect } from 'preact/hooks'
import { timeText } from '../page/time-text.ts'
import type { View } from '../page/view.ts'
import type { Outcome } from './enforced-actions.ts'
import type { EnforcementGroup, EnforcementSummary } from './enforcement-groups.ts'
import type { EnforcementModel } from './enforcement-model.ts'
import type { NameCount } from './frequent-names.ts'

/** The tables of the view, the most urgent first. */
const tables: readonly { outcome: Outcome; title: string; note: string }[] = [
  {
    outcome: 'failed',
    title: 'Failed',
    note: 'The kernel refused to execute the action: these operations were not stopped.',
  },
  { outcome: 'done', title: 'Stopped', note: '' },
  {
    outcome: 'monitored',
    title: 'Would have been stopped',
    note: 'The policy was in mode monitor or had reached its limit, or the program is guarded.',
  },
  {
    outcome: 'unreported',
    title: 'Outcome not reported',
    note: 'The original Tetragon reports neither the means nor whether the policy only monitored.',
  },
]

/** What policies stopped, and by which means. */
export function enforcementView(model: EnforcementModel): View {
  return {
    ...{ path: '/enforcement', name: 'Enforcement' },
    state: () => ({}),
    render: () => <Enforcement model={model} />,
  }
}

function Enforcement({ model }: { readonly model: EnforcementModel }) {
  useEffect(() => model.watch(), [model])
  const summary = model.summary.value
  if (summary === undefined) return <main class="view" />
  const { groups, since } = summary
  return (
    <main class="view">
      <p class="empty">
        {groups.length === 0
          ? 'Nothing was stopped: add a policy with actions such as Override or Sigkill, first with ' +
            '“tetra tracingpolicy add --mode monitor FILE”. '
          : 'Events that the page has dropped stay summary. '}
        Counted since {timeText(since)}, when this page was opened.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, keys cannot scroll */}
      <div class="scroll" tabIndex={0}>
        {tables.map((table) => (
          <Table key={table.outcome} {...table} summary={summary} model={model} />
        ))}
      </div>
    </main>
  )
}

interface TableProperties {
  readonly outcome: Outcome
  readonly title: string
  readonly note: string
  readonly summary: EnforcementSummary
  readonly model: EnforcementModel
}

function Table({ outcome, title, note, summary, model }: TableProperties) {
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
      {note !== '' && <p class={isAlarm ? 'note missing' : 'note'}>{note}</p>}
      {ungrouped > 0 && (
        <p class="note">{ungrouped} of them are not in the table: it has too many rows.</p>
      )}
      <table>
        <thead>
          <tr>
            <th>Policy</th>
            <th>Hook</th>
            <th>Action</th>
            <th>Means</th>
            <th>Count</th>
            <th>Most often</th>
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
        {events < count && <small> in {events} events</small>}
        {limitReached > 0 && <small> limit reached: {limitReached}</small>}
      </td>
      <td>
        <Names names={group.binaries} />
        <Names names={group.pods} />
      </td>
      <td>{timeText(first)}</td>
      <td>{timeText(last)}</td>
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
