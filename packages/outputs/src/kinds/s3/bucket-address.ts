import { BadValue } from '@tetragon-ts/service/options'

/**
 * What the keys of objects begin with: empty, or with a slash at the end.
 * @throws BadValue
 */
export function prefixOf({ pathname }: URL): string {
  const parts = pathname.split('/').filter((part) => part !== '')
  try {
    return parts.map((part) => `${decodeURIComponent(part)}/`).join('')
  } catch {
    throw new BadValue(`invalid prefix "${pathname}": write "%" as %25`)
  }
}

/** @returns undefined if none is given @throws BadValue */
export function readEndpoint(given: string): URL | undefined {
  if (given === '') return undefined
  const url = URL.canParse(given) ? new URL(given) : undefined
  const isServer = url && /^https?:$/.test(url.protocol) && url.username === '' && url.search === ''
  if (isServer && url.pathname === '/') return url
  throw new BadValue(`invalid endpoint "${given}" (example: https://minio.example:9000)`)
}
