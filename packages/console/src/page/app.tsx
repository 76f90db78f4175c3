import { effect } from '@preact/signals'
import { escapeUnprintable } from '@tetragon-ts/api'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { onHistory, openPath, parameter, path, writeAddress } from './address.ts'
import { HelpDialog } from './help-dialog.tsx'
import { restoreSpan, spanParameters } from './span.ts'
import { useKeys } from './use-keys.ts'
import type { View } from './view.ts'
import type { WorkerLink } from './worker-link.ts'

interface Properties {
  readonly link: WorkerLink
  /** The first one is shown for unknown addresses. */
  readonly views: readonly View[]
  /** In the header of every view. */
  readonly marks: ComponentChildren
}

/** The whole page. */
export function App({ link, views, marks }: Properties) {
  const viewAt = (path: string): View => views.find((each) => each.path === path) ?? views[0]
  const shown = (): View => viewAt(path.value)
  useEffect(() => {
    const write = (): void =>
      writeAddress(shown().path, { ...shown().state(), ...spanParameters() })
    return effect(write)
  }, [views])
  useEffect(() => {
    return onHistory(() => {
      restoreSpan()
      viewAt(location.pathname).restore(parameter)
    })
  }, [views])
  useKeys(
    Object.fromEntries(
      views.slice(0, 9).map(({ path }, i) => [String(i + 1), () => openPath(path)]),
    ),
  )
  const refusal = link.refusal.value
  return (
    <>
      <header>
        <h1>Tetragon</h1>
        <nav>
          {views.map((view) => (
            <a
              key={view.path}
              href={view.path}
              aria-current={view === shown() ? 'page' : undefined}
              onClick={(event) => {
                event.preventDefault()
                openPath(view.path)
              }}
            >
              {view.name}
            </a>
          ))}
        </nav>
        <Status link={link} />
        {marks}
        <HelpDialog view={shown()} />
      </header>
      {refusal !== undefined && <p class="refusal">{escapeUnprintable(refusal)}</p>}
      {shown().render()}
    </>
  )
}

/** Whether events arrive, and how many. */
function Status({ link }: { readonly link: WorkerLink }) {
  const { state, kept, shown, newer, dropped, rate, processes, isSearching } = link.summary.value
  const arriving = state.recorded ?? `${Math.round(rate)} events/s`
  const stream = state.isConnected ? arriving : `no events: ${state.reason ?? ''}`
  return (
    <p class={state.isConnected ? 'status' : 'status missing'} role="status">
      {escapeUnprintable(stream)}
      {`, ${shown} of ${kept} shown`}
      {newer > 0 && `, ${newer} newer`}
      {`, ${processes} processes`}
      {isSearching && ', searching'}
      {dropped > 0 && `, ${dropped} older events dropped`}
    </p>
  )
}
