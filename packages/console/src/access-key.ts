/** Where the key is kept: only pages of the same host and port can read it. */
const place = 'console-key'

/**
 * The key for requests. The server puts it behind the `#` of the first address, where no server
 * sees it; it is moved from there to a place that also other tabs of this page have. The query of
 * this address may end with `opened`: browsers do not load an address again that differs only
 * behind the `#`.
 */
export function takeKey(): string {
  const [, key] = /^#key=([\w-]+)$/.exec(location.hash) ?? []
  if (key !== undefined) {
    localStorage.setItem(place, key)
    history.replaceState(null, '', location.pathname + location.search.replace(/[?&]opened$/, ''))
  }
  return localStorage.getItem(place) ?? ''
}
