import { escapeUnprintable } from '@tetragon-ts/api'
import { useEffect } from 'preact/hooks'
import { LossNote } from '../losses/loss-note.tsx'
import { focusList, focusPane } from '../page/focus.ts'
import type { paneKeys } from '../page/keys.ts'
import type { Lead } from '../page/lead.ts'
import { SearchBar } from '../page/search-bar.tsx'
import { useKeys } from '../page/use-keys.ts'
import type { View } from '../page/view.ts'
import { VirtualList } from '../page/virtual-list.tsx'
import type { WorkerLink } from '../page/worker-link.ts'
import { ReportMenu } from '../report-menu/report-menu.tsx'
import type { ReportModel } from '../report-menu/report-model.ts'
import { placeText } from '../store/process-text.ts'
import { dateTimeText } from '../store/time-text.ts'
import type { AlertSummary } from '../summaries/alert-groups.ts'
import { TimeLine } from '../time/time-line.tsx'
import type { TimeModel } from '../time/time-model.ts'
import { alertKeys, type ownAlertKeys } from './alert-keys.ts'
import type { AlertModel, AlertRow } from './alert-model.ts'
import { AlertPane } from './alert-pane.tsx'
import { NotifyMenu } from './notify-menu.tsx'

interface Properties {
  readonly model: AlertModel
  readonly report: ReportModel
  readonly link: WorkerLink
  readonly time: TimeModel
  readonly lead: Lead
}

/** Findings of rules and hits of policies with a level, in groups. */
export function alertView(properties: Properties): View {
  const { model } = properties
  return {
    path: '/alerts',
    name: 'Alerts',
    keys: alertKeys,
    state: () => ({ filter: model.filter.value, closed: model.showsClosed.value ? 'shown' : '' }),
    restore(read) {
      model.filter.value = read('filter')
      model.showsClosed.value = read('closed') !== ''
    },
    render: () => <Alerts {...properties} />,
  }
}

function Alerts({ model, report, link, time, lead }: Properties) {
  useEffect(() => model.watch(), [model])
  const close = (): void => {
    model.selected.value = undefined
    focusList()
  }
  useKeys<keyof typeof ownAlertKeys | keyof typeof paneKeys>({
    s: () => {
      const { value } = model.chosen
      if (value !== undefined) model.states.mark(value, { state: 'seen' })
    },
    Enter: focusPane,
    Escape: close,
    Backspace: close,
  })
  const summary = model.summary.value
  const chosen = model.chosen.value
  return (
    <main class="view">
      <SearchBar filter={model.filter}>
        <NotifyMenu model={model} />
        {chosen !== undefined && (
          <ReportMenu
            key={chosen.id}
            model={report}
            about="the chosen alert, and what its process did"
            subject={() => ({
              kind: 'alert',
              key: chosen.key,
              execId: chosen.exec,
              event: chosen.event,
            })}
          />
        )}
        <button
          type="button"
          aria-pressed={model.showsClosed.value}
          onClick={() => {
            model.showsClosed.value = !model.showsClosed.value
          }}
        >
          Show closed ({model.closed.value})
        </button>
      </SearchBar>
      <TimeLine model={time} link={link} />
      {summary !== undefined && <Notes summary={summary} hasSpan={time.span.value !== undefined} />}
      <LossNote span={time.span.value} text="in this time: there may be more alerts." />
      <div class="panes">
        <div class="table alerts">
          <Heads />
          <VirtualList
            label="Alerts"
            part={model.part.value}
            selected={model.selected.value}
            follows={false}
            version={summary}
            onSee={(rows) => model.see(rows)}
            reveal={undefined}
            onRevealed={() => {}}
            onSelect={({ id }) => {
              model.selected.value = id
            }}
          >
            {(alert) => <Cells alert={alert} />}
          </VirtualList>
        </div>
        <AlertPane model={model} lead={lead} onClose={close} />
      </div>
    </main>
  )
}

/** Says which alerts the list lacks, and the time of its numbers. */
function Notes(properties: { readonly summary: AlertSummary; readonly hasSpan: boolean }) {
  const { alerts, kept, dropped } = properties.summary
  const texts = [
    kept === 0 ? 'No alerts: no rule and no policy with a level matched an event.' : '',
    kept > 0 && alerts.length === 0 ? `None of ${kept} alerts matches: change the filter.` : '',
    properties.hasSpan ? 'Alerts of the selected span; their numbers are those of all times.' : '',
    dropped.alerts > 0
      ? `${dropped.alerts} alerts of lower levels with ${dropped.findings} findings were dropped.`
      : '',
  ].filter((text) => text !== '')
  return texts.length === 0 ? null : <p class="empty">{texts.join(' ')}</p>
}

function Heads() {
  return (
    <div class="heads" aria-hidden="true">
      <span class="cell cell-level">level</span>
      <span class="cell cell-state">state</span>
      <span class="cell cell-title">rule or policy</span>
      <span class="cell cell-binary">process</span>
      <span class="cell cell-container">pod</span>
      <span class="cell cell-time cell-first">first</span>
      <span class="cell cell-time">last</span>
      <span class="cell cell-count">count</span>
    </div>
  )
}

function Cells({ alert }: { readonly alert: AlertRow }) {
  const { level, title, binary, parent, count, first, last, state } = alert
  return (
    <>
      <span class={`cell cell-level level-${level}`}>{level}</span>
      <span class="cell cell-state">{state}</span>
      <bdi class="cell cell-title">{escapeUnprintable(title)}</bdi>
      <bdi class="cell cell-binary">
        {escapeUnprintable(parent === '' ? binary : `${binary} ← ${parent}`)}
      </bdi>
      <bdi class="cell cell-container">{escapeUnprintable(placeText(alert))}</bdi>
      <time class="cell cell-time cell-first">{dateTimeText(first)}</time>
      <time class="cell cell-time">{dateTimeText(last)}</time>
      <span class="cell cell-count">{count.toLocaleString('en')}</span>
    </>
  )
}
