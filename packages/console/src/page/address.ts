import { type Signal, signal } from '@preact/signals'

/** The views of the page, by their paths. */
export const views = { '/': 'Events', '/processes': 'Processes', '/policies': 'Policies' } as const

export type ViewPath = keyof typeof views

/** The view that the address of the page names. */
export const view: Signal<ViewPath> = signal(viewOf(location.pathname))

/** What the address selects in a view: `?filter=…&id=…`. */
export function parameter(name: string): string {
  return new URLSearchParams(location.search).get(name) ?? ''
}

/** Writes the state of a view into the address, so that a link leads to it. */
export function writeAddress(path: ViewPath, parameters: Readonly<Record<string, string>>): void {
  const search = new URLSearchParams(
    Object.entries(parameters).filter(([, value]) => value !== ''),
  ).toString()
  const address = search === '' ? path : `${path}?${search}`
  if (address !== location.pathname + location.search) history.replaceState(null, '', address)
}

/** Opens a view; the one before is in the browser's history. */
export function openView(path: ViewPath): void {
  if (path === view.value) return
  history.pushState(null, '', path)
  view.value = path
}

addEventListener('popstate', () => {
  view.value = viewOf(location.pathname)
})

function viewOf(path: string): ViewPath {
  return path in views ? (path as ViewPath) : '/'
}
