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

/** Milliseconds between changes that are one for the user, such as the letters of a word. */
const oneChangeMs = 1000

/** Names of the parameters that were changed last; undefined: another address was opened. */
let lastNames: string | undefined
/** When that was, in milliseconds. */
let lastAt = Number.NEGATIVE_INFINITY
/** Whether the page follows an address: what it writes completes that. */
let isFollowing = false
/** Whether the page has written nothing yet: it was opened with an address. */
let isFirst = true

/**
 * Writes the state of a view into the address, so that a link leads to it. Each change of the user
 * is an entry of the browser's history: a filter that is typed is one.
 * @param now milliseconds
 */
export function writeAddress(
  path: string,
  parameters: Readonly<Record<string, string>>,
  now = performance.now(),
): void {
  const next = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== ''))
  const address = next.size === 0 ? path : `${path}?${next}`
  const isComplete = address === location.pathname + location.search
  const completes = isFollowing || isFirst
  isFirst = false
  if (isComplete) return
  if (completes) return enter('replaceState', address)
  const names = changedNames(new URLSearchParams(location.search), next)
  // The name of an event arrives after the event was opened.
  const isSame = names === (lastNames ?? 'event') && now - lastAt < oneChangeMs
  enter(isSame || path !== location.pathname ? 'replaceState' : 'pushState', address)
  lastNames = names
  lastAt = now
}

/** Firefox refuses many changes in a short time, such as those of a key that is held. */
function enter(how: 'pushState' | 'replaceState', address: string): void {
  try {
    history[how](null, '', address)
  } catch {
    // The next change is written.
  }
}

function changedNames(before: URLSearchParams, next: URLSearchParams): string {
  const names = new Set([...before.keys(), ...next.keys()])
  return [...names]
    .filter((name) => before.get(name) !== next.get(name))
    .sort()
    .join()
}

/** Changes the state as another address says. */
function follow(change: () => void): void {
  isFollowing = true
  try {
    batch(change)
  } finally {
    isFollowing = false
  }
  lastNames = undefined
  lastAt = performance.now()
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
  enter('pushState', next === path.value ? location.href : next)
  follow(() => {
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
    follow(() => {
      restore()
      path.value = location.pathname
    })
  addEventListener('popstate', onPopState)
  return () => removeEventListener('popstate', onPopState)
}
