import { type Signal, signal } from '@preact/signals'

/** The path in the address of the page: that of a view, or whatever the user has typed. */
export const path: Signal<string> = signal(location.pathname)

/**
 * What the address selects in a view: `?filter=…&id=…`.
 * @param view its path; undefined: in all of them
 */
export function parameter(name: string, view?: string): string {
  if (view !== undefined && view !== location.pathname) return ''
  return new URLSearchParams(location.search).get(name) ?? ''
}

/** Writes the state of a view into the address, so that a link leads to it. */
export function writeAddress(path: string, parameters: Readonly<Record<string, string>>): void {
  const search = new URLSearchParams(
    Object.entries(parameters).filter(([, value]) => value !== ''),
  ).toString()
  const address = search === '' ? path : `${path}?${search}`
  if (address !== location.pathname + location.search) history.replaceState(null, '', address)
}

/** Opens a view; the one before is in the browser's history. */
export function openPath(next: string): void {
  if (next === path.value) return
  history.pushState(null, '', next)
  path.value = next
}

addEventListener('popstate', () => {
  path.value = location.pathname
})
