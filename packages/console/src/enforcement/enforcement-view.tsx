import { useEffect } from 'preact/hooks'
import { timeText } from '../page/time-text.ts'
import type { View } from '../page/view.ts'
import type { Outcome } from './enforced-actions.ts'
import type { EnforcementModel } from './enforcement-model.ts'
import { EnforcementTable } from './enforcement-table.tsx'

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
          : 'Events that the page has dropped stay counted. '}
        Counted since {timeText(since)}, when this page was opened.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, keys cannot scroll */}
      <div class="scroll" tabIndex={0}>
        {tables.map((table) => (
          <EnforcementTable key={table.outcome} {...table} summary={summary} model={model} />
        ))}
      </div>
    </main>
  )
}
