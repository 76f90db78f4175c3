import { effect } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { EventModel } from '../events/event-model.ts'
import { EventView } from '../events/event-view.tsx'
import type { PolicyModel } from '../policies/policy-model.ts'
import { PolicyView } from '../policies/policy-view.tsx'
import type { ProcessModel } from '../processes/process-model.ts'
import { ProcessView } from '../processes/process-view.tsx'
import { openView, type ViewPath, view, views, writeAddress } from './address.ts'
import type { WorkerLink } from './worker-link.ts'

interface Models {
  readonly events: EventModel
  readonly processes: ProcessModel
  readonly policies: PolicyModel
}

/** What the address says about a view. */
function stateOf(path: ViewPath, { events, processes, policies }: Models): Record<string, string> {
  switch (path) {
    case '/':
      return { filter: events.filter.value }
    case '/processes':
      return { filter: processes.filter.value, id: processes.selected.value }
    case '/policies':
      return { id: policies.selected.value }
    default:
      return path satisfies never
  }
}

/** The whole page. */
export function App({ link, events, processes, policies }: Models & { readonly link: WorkerLink }) {
  useEffect(
    () =>
      effect(() => {
        writeAddress(view.value, stateOf(view.value, { events, processes, policies }))
      }),
    [events, processes, policies],
  )
  const refusal = link.refusal.value
  return (
    <>
      <header>
        <h1>Tetragon</h1>
        <nav>
          {(Object.keys(views) as ViewPath[]).map((path) => (
            <a
              key={path}
              href={path}
              aria-current={path === view.value ? 'page' : undefined}
              onClick={(event) => {
                event.preventDefault()
                openView(path)
              }}
            >
              {views[path]}
            </a>
          ))}
        </nav>
        <Status link={link} />
      </header>
      {refusal !== undefined && <p class="refusal">{refusal}</p>}
      {view.value === '/' && <EventView model={events} link={link} />}
      {view.value === '/processes' && <ProcessView model={processes} link={link} />}
      {view.value === '/policies' && <PolicyView model={policies} />}
    </>
  )
}

/** Whether events arrive, and how many. */
function Status({ link }: { readonly link: WorkerLink }) {
  const { state, kept, shown, dropped, rate, processes } = link.summary.value
  return (
    <p class={state.isConnected ? 'status' : 'status missing'} role="status">
      {state.isConnected ? `${Math.round(rate)} events/s` : `no events: ${state.reason ?? ''}`}
      {`, ${shown} of ${kept} shown, ${processes} processes`}
      {dropped > 0 && `, ${dropped} older events dropped`}
    </p>
  )
}
