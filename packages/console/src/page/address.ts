import { batch, type Signal, signal } from '@preact/signals'

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

/** Opens a view; the address before is in the browser's history. */
export function openPath(next: string): void {
  if (next !== path.value) leadTo(next, () => {})
}

/**
 * Leads to something in a view; the address before is in the browser's history.
 * @param next the path of the view
 * @param select selects it
 */
export function leadTo(next: string, select: () => void): void {
  history.pushState(null, '', next === path.value ? location.href : next)
  batch(() => {
    select()
    path.value = next
  })
}

/**
 * Shows what an address of the browser's history says, when the user goes back or forward.
 * @param restore reads it by {@link parameter}
 * @returns ends that
 */
export function onHistory(restore: () => void): () => void {
  const onPopState = (): void =>
    batch(() => {
      restore()
      path.value = location.pathname
    })
  addEventListener('popstate', onPopState)
  return () => removeEventListener('popstate', onPopState)
}
