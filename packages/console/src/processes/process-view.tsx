import { useEffect } from 'preact/hooks'
import { DetailPane } from '../page/detail-pane.tsx'
import type { RefusedFilter } from '../page/filter-notes.tsx'
import { focusList, focusPane } from '../page/focus.ts'
import { listKeys, paneKeys, treeKeys } from '../page/keys.ts'
import type { Lead } from '../page/lead.ts'
import { SearchBar } from '../page/search-bar.tsx'
import { useKeys } from '../page/use-keys.ts'
import type { View } from '../page/view.ts'
import { VirtualList } from '../page/virtual-list.tsx'
import type { WorkerLink } from '../page/worker-link.ts'
import { ReportMenu } from '../report-menu/report-menu.tsx'
import type { ReportModel } from '../report-menu/report-model.ts'
import { splitFilter } from '../store/filter-text.ts'
import { TimeLine } from '../time/time-line.tsx'
import type { TimeModel } from '../time/time-model.ts'
import { ActionList } from './action-list.tsx'
import { Lineage } from './lineage.tsx'
import { Cells, Heads } from './process-cells.tsx'
import type { ProcessModel } from './process-model.ts'

interface Properties {
  readonly model: ProcessModel
  readonly report: ReportModel
  readonly link: WorkerLink
  readonly time: TimeModel
  readonly lead: Lead
}

/** What runs and what ran, each below the process that started it. */
export function processView(properties: Properties): View {
  const { model } = properties
  return {
    path: '/processes',
    name: 'Processes',
    keys: { ...listKeys, ...treeKeys, ...paneKeys },
    state: () => ({ filter: model.filter.value, id: model.selected.value }),
    restore(read) {
      model.filter.value = read('filter')
      model.selected.value = read('id')
      model.reveal.value = read('id') || undefined
    },
    render: () => <Processes {...properties} />,
  }
}

function Processes({ model, report, link, time, lead }: Properties) {
  const summary = link.summary.value
  const { processes, last } = summary
  const span = time.span.value
  const selected = model.selected.value
  const { count } = model.part.value
  const close = (): void => {
    model.selected.value = ''
    focusList()
  }
  useKeys<keyof typeof paneKeys | keyof typeof treeKeys>({
    Enter: focusPane,
    Escape: close,
    Backspace: close,
    ArrowLeft: () => model.collapse(),
    ArrowRight: () => model.expand(),
  })
  useEffect(() => model.refresh(performance.now()), [summary])
  return (
    <main class="view">
      <SearchBar filter={model.filter} refused={refusedExpression(model.filter.value)}>
        {model.collapsed.value.length > 0 && (
          <button
            type="button"
            onClick={() => {
              model.collapsed.value = []
            }}
          >
            Expand all
          </button>
        )}
        {selected !== '' && (
          <ReportMenu
            key={selected}
            model={report}
            about="the chosen process and those below it"
            subject={() => ({ kind: 'process', execId: selected })}
          />
        )}
      </SearchBar>
      <TimeLine model={time} link={link} />
      {count === 0 && <p class="empty">{emptyText(processes, span !== undefined)}</p>}
      <div class="panes">
        <div class="table processes">
          <Heads />
          <VirtualList
            label="Processes"
            role="tree"
            roleOf={({ depth, children, hidden }) => ({
              role: 'treeitem',
              'aria-level': depth + 1,
              'aria-expanded': children > 0 ? hidden === 0 : undefined,
            })}
            part={model.part.value}
            selected={selected}
            follows={false}
            version={`${last} ${model.filter.value} ${span?.from} ${span?.to} ${model.collapsed.value}`}
            onSee={(rows) => model.see(rows)}
            reveal={model.reveal.value}
            onRevealed={() => {
              model.reveal.value = undefined
            }}
            onSelect={({ id }) => {
              model.selected.value = id
            }}
          >
            {(row) => <Cells row={row} onToggle={() => model.toggle(row)} />}
          </VirtualList>
        </div>
        {model.lineage.value.length > 0 && (
          <DetailPane label="Process" onClose={close}>
            <Lineage lineage={model.lineage.value} />
            <ActionList model={model} lead={lead} />
          </DetailPane>
        )}
      </div>
    </main>
  )
}

/** Expressions are about events. */
function refusedExpression(text: string): RefusedFilter | undefined {
  const { expression, expressionStart: start } = splitFilter(text)
  if (expression === '') return undefined
  const message = 'ignore the CEL expression: the list has processes, not events'
  return { text, start, end: start + expression.length, message }
}

/** What to do if there is nothing to see. */
function emptyText(processes: number, hasSpan: boolean): string {
  if (processes === 0) return 'No processes yet: they appear with their events.'
  const where = hasSpan ? ' and ran in this span of time' : ''
  return `None of ${processes} processes has these words${where}.`
}
