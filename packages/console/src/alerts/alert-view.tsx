import { escapeUnprintable } from '@tetragon-ts/api'
import { useEffect } from 'preact/hooks'
import { LossNote } from '../losses/loss-note.tsx'
import { SearchBar } from '../page/search-bar.tsx'
import { dateTimeText } from '../page/time-text.ts'
import { useKeys } from '../page/use-keys.ts'
import type { View } from '../page/view.ts'
import { VirtualList } from '../page/virtual-list.tsx'
import type { WorkerLink } from '../page/worker-link.ts'
import { placeText } from '../store/process-text.ts'
import type { Alert, AlertSummary } from '../summaries/alert-groups.ts'
import { TimeLine } from '../time/time-line.tsx'
import type { TimeModel } from '../time/time-model.ts'
import { alertKeys, type ownAlertKeys } from './alert-keys.ts'
import type { AlertModel } from './alert-model.ts'

interface Properties {
  readonly model: AlertModel
  readonly link: WorkerLink
  readonly time: TimeModel
}

/** Findings of rules and hits of policies with a level, in groups. */
export function alertView(properties: Properties): View {
  const { model } = properties
  return {
    path: '/alerts',
    name: 'Alerts',
    keys: alertKeys,
    state: () => ({ filter: model.filter.value }),
    restore(read) {
      model.filter.value = read('filter')
    },
    render: () => <Alerts {...properties} />,
  }
}

function Alerts({ model, link, time }: Properties) {
  useEffect(() => model.watch(), [model])
  useKeys<keyof typeof ownAlertKeys>({ Enter: () => model.openEvent() })
  const summary = model.summary.value
  return (
    <main class="view">
      <SearchBar filter={model.filter} />
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
            {(alert) => <Cells alert={alert} onOpen={() => model.open(alert)} />}
          </VirtualList>
        </div>
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
      <span class="cell cell-title">rule or policy</span>
      <span class="cell cell-binary">process</span>
      <span class="cell cell-container">pod</span>
      <span class="cell cell-time cell-first">first</span>
      <span class="cell cell-time">last</span>
      <span class="cell cell-count">count</span>
    </div>
  )
}

function Cells({ alert, onOpen }: { readonly alert: Alert; readonly onOpen: () => void }) {
  const { level, title, binary, parent, count, first, last } = alert
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter does it for the chosen row
    // biome-ignore lint/a11y/noStaticElementInteractions: it is a part of the row
    <div class="alert-cells" onClick={onOpen}>
      <span class={`cell cell-level level-${level}`}>{level}</span>
      <bdi class="cell cell-title">{escapeUnprintable(title)}</bdi>
      <bdi class="cell cell-binary">
        {escapeUnprintable(parent === '' ? binary : `${binary} ← ${parent}`)}
      </bdi>
      <bdi class="cell cell-container">{escapeUnprintable(placeText(alert))}</bdi>
      <time class="cell cell-time cell-first">{dateTimeText(first)}</time>
      <time class="cell cell-time">{dateTimeText(last)}</time>
      <span class="cell cell-count">{count.toLocaleString('en')}</span>
    </div>
  )
}
