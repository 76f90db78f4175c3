import { BadValue } from '@tetragon-ts/service/options'

/** Values of the parameters. */
export interface AddressValues {
  readonly region: string
  /** Empty: that of AWS for the region. */
  readonly endpoint: string
}

/**
 * The URL that keys of objects follow, and a slash at its end.
 * @param name of the bucket
 * @throws BadValue
 */
export function bucketUrl(name: string, { region, endpoint }: AddressValues): URL {
  if (!/^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/.test(name)) {
    throw new BadValue(`invalid bucket "${name}" (example: s3://events/host)`)
  }
  if (!/^[a-z\d-]+$/.test(region)) {
    throw new BadValue(`invalid region "${region}" (example: eu-central-1)`)
  }
  if (endpoint !== '') return new URL(`${name}/`, readEndpoint(endpoint))
  const host = `s3.${region}.amazonaws.com`
  // Certificates of AWS are valid for one label in front of the region.
  return new URL(name.includes('.') ? `https://${host}/${name}/` : `https://${name}.${host}/`)
}

/** @throws BadValue */
function readEndpoint(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined
  const isServer = url && /^https?:$/.test(url.protocol) && url.username === '' && url.search === ''
  if (isServer && url.pathname === '/') return url
  throw new BadValue(`invalid endpoint "${given}" (example: https://minio.example:9000)`)
}

/**
 * The beginning of the keys: empty, or with a slash at its end.
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
