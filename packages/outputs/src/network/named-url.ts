import { BadValue, didYouMean, type Options, type ValuesOf } from '@tetragon-ts/service/options'

/** A URL of the command line, with its name. */
export interface NamedUrl {
  readonly name: string
  readonly url: URL
  /** Of the URL, without the colon. */
  readonly scheme: string
}

const pattern = /^([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)=(.+)$/s

/**
 * Reads `NAME=URL`.
 * @param kind of what has the name, for errors
 * @param read reads the URL
 * @throws BadValue
 */
export function readNamedUrl<T>(
  kind: string,
  example: string,
  text: string,
  read: (named: NamedUrl) => T,
): T {
  const [, name, address] = pattern.exec(text) ?? []
  if (name === undefined) {
    const rule = 'NAME has lower-case letters, digits and hyphens'
    throw new BadValue(`invalid ${kind} "${text}" (NAME=URL, example: ${example}); ${rule}`)
  }
  try {
    const url = URL.canParse(address) ? new URL(address) : undefined
    if (url === undefined) throw new BadValue(`invalid URL "${address}"`)
    return read({ name, url, scheme: url.protocol.slice(0, -1) })
  } catch (error) {
    if (error instanceof BadValue) throw new BadValue(`${kind} ${name}: ${error.message}`)
    throw error
  }
}

/** The error for a scheme that is not one of `schemes`. */
export function unknownScheme(scheme: string, schemes: readonly string[]): BadValue {
  const hint = didYouMean(scheme, schemes)
  return new BadValue(`unknown scheme "${scheme}" (expected ${schemes.join(', ')})${hint}`)
}

/** Refuses credentials, and a URL without a host unless it is local. @throws BadValue */
export function checkHost(url: URL, isLocal = false): void {
  if (url.username !== '' || url.password !== '') {
    throw new BadValue('the command line is visible to all users: give credentials as a file')
  }
  if (url.hostname === '' && !isLocal) throw new BadValue(`the URL has no host: "${url}"`)
}

/** Reads the parameters of a URL. @throws BadValue */
export function readParameters<Parameters extends Options>(
  parameters: Parameters,
  given: URLSearchParams,
): ValuesOf<Parameters> {
  const values: Record<string, unknown> = {}
  for (const [name, { unset }] of Object.entries(parameters)) values[name] = unset
  for (const name of new Set(given.keys())) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (parameter === undefined) {
      const hint = didYouMean(name, Object.keys(parameters))
      throw new BadValue(`unknown parameter "${name}"${hint}`)
    }
    const texts = given.getAll(name)
    if (texts.length > 1 && parameter.kind !== 'list') {
      throw new BadValue(`parameter ${name} is given twice`)
    }
    try {
      values[name] = parameter.read(texts.join(parameter.separator))
      // Zero is a size that is not given.
      if (parameter.unset === 0 && values[name] === 0) {
        throw new BadValue(`invalid size "${texts[0]}" (example: 1G)`)
      }
    } catch (error) {
      if (error instanceof BadValue) throw new BadValue(`${name}: ${error.message}`)
      throw error
    }
  }
  return values as ValuesOf<Parameters>
}
