import { useEffect } from 'preact/hooks'
import { LossNote } from '../losses/loss-note.tsx'
import type { View } from '../page/view.ts'
import type { WorkerLink } from '../page/worker-link.ts'
import { timeText } from '../store/time-text.ts'
import type { Outcome } from '../summaries/enforced-actions.ts'
import type { EnforcementSummary } from '../summaries/enforcement-groups.ts'
import { TimeLine } from '../time/time-line.tsx'
import type { TimeModel } from '../time/time-model.ts'
import type { SpanEnforcement } from '../worker/span-enforcement.ts'
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

interface Properties {
  readonly model: EnforcementModel
  readonly link: WorkerLink
  readonly time: TimeModel
}

/** What policies stopped, and by which means. */
export function enforcementView(properties: Properties): View {
  return {
    path: '/enforcement',
    name: 'Enforcement',
    state: () => ({}),
    restore() {},
    render: () => <Enforcement {...properties} />,
  }
}

function Enforcement({ model, link, time }: Properties) {
  useEffect(() => model.watch(), [model])
  const summary = model.summary.value
  return (
    <main class="view">
      <TimeLine model={time} link={link} />
      {summary !== undefined && (
        <>
          {'span' in summary ? <InSpan summary={summary} /> : <SinceStart summary={summary} />}
          <LossNote span={time.span.value} text="in this time: more may have been stopped." />
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, keys cannot scroll */}
          <div class="scroll" tabIndex={0}>
            {tables.map((table) => (
              <EnforcementTable key={table.outcome} {...table} summary={summary} model={model} />
            ))}
          </div>
        </>
      )}
    </main>
  )
}

/** What the numbers are about, if no span is selected. */
function SinceStart({ summary: { groups, since } }: { readonly summary: EnforcementSummary }) {
  return (
    <p class="empty">
      {groups.length === 0
        ? 'Nothing was stopped: add a policy with actions such as Override or Sigkill, first with ' +
          '“tetra tracingpolicy add --mode monitor FILE”. '
        : 'Events that the page has dropped stay counted. '}
      Counted since {timeText(since)}.
    </p>
  )
}

/** What the numbers are about, if a span is selected. */
function InSpan({ summary }: { readonly summary: SpanEnforcement }) {
  const { groups, isCounting, missingUntil } = summary
  return (
    <p class="empty">
      {groups.length === 0 && !isCounting
        ? 'Nothing was stopped in the selected span: select a longer one, or show all times.'
        : 'Counted in the kept events of the selected span.'}
      {isCounting && ' Still counting…'}
      {missingUntil !== undefined &&
        ` Events up to ${timeText(missingUntil)} were dropped before they could be counted.`}
    </p>
  )
}
