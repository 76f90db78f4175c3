import type { IncomingMessage } from 'node:http'

/** Why a request gets no answer, with its status. */
export interface Refusal {
  readonly status: 401 | 403 | 405 | 421 | 503
  readonly text: string
}

/** What a browser says about the origin of a request; `none`: the user has entered the address. */
const ownSites = ['same-origin', 'none']

/**
 * Refuses requests that pages of other sites have made, with or without the user's cookie. A name
 * that resolves to this machine (DNS rebinding) is another host.
 *
 * @param origin as browsers see it: that of the console, or of a proxy in front of it
 */
export function refusalOf(
  { method = '', url = '', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  origin: URL,
): Refusal | undefined {
  if (!['GET', 'HEAD', 'POST'].includes(method)) {
    return { status: 405, text: `${method} is not supported` }
  }
  if (headers.host?.toLowerCase() !== origin.host) {
    return { status: 421, text: `this is the console of ${origin.host}` }
  }
  const site = headers['sec-fetch-site']
  const isOfPage = method === 'POST' || headers.origin !== undefined
  if (isOfPage && headers.origin !== origin.origin) {
    return { status: 403, text: 'the request is from a page of another site' }
  }
  if (site !== undefined && !ownSites.includes(String(site))) {
    // A link of another page may open the console, but only as a whole page of its own.
    const isLink = method === 'GET' && headers['sec-fetch-mode'] === 'navigate'
    const isPage = headers['sec-fetch-dest'] === 'document'
    if (!isLink || !isPage || url.startsWith('/api/'))
      return { status: 403, text: 'the request is from another site' }
  }
  return undefined
}
