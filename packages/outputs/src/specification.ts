import {
  BadValue,
  didYouMean,
  duration,
  type Options,
  optionalSize,
  size,
  type ValuesOf,
} from '@tetragon-ts/service/options'
import type { OutputKind } from './connection.ts'
import { filterParameters } from './events/event-filter.ts'
import { kindOfScheme, schemes } from './kinds/index.ts'

/** Smallest spool, in bytes: events that are longer than a sixteenth of it do not fit. */
const spoolMin = 16 << 20

/** Parameters that every output has. */
export const commonParameters = {
  ...filterParameters,
  queue: size({ default: '16M', help: 'bytes of events that wait for the receiver' }),
  spool: optionalSize({ help: 'bytes of events that wait on disk, also while no agent runs' }),
  timeout: duration({
    default: '10s',
    min: 1,
    max: 600_000,
    help: 'how long the receiver may take to accept a batch',
  }),
}

/** An output as requested. */
export interface OutputSpecification {
  readonly name: string
  readonly kind: OutputKind
  readonly url: URL
  readonly values: ValuesOf<typeof commonParameters> & Readonly<Record<string, unknown>>
}

const example = 'siem=syslog+tcp://logs.example:601'
const pattern = /^([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)=(.+)$/s

/**
 * Reads `NAME=URL`. Parameters are in the query of the URL; secrets are in files.
 * @throws BadValue
 */
export function readOutput(text: string): OutputSpecification {
  const [, name, address] = pattern.exec(text) ?? []
  if (name === undefined) {
    const rule = 'NAME has lower-case letters, digits and hyphens'
    throw new BadValue(`invalid output "${text}" (NAME=URL, example: ${example}); ${rule}`)
  }
  try {
    return readAddress(name, address)
  } catch (error) {
    if (error instanceof BadValue) throw new BadValue(`output ${name}: ${error.message}`)
    throw error
  }
}

function readAddress(name: string, address: string): OutputSpecification {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined) throw new BadValue(`invalid URL "${address}"`)
  const scheme = url.protocol.slice(0, -1)
  const kind = kindOfScheme(scheme)
  if (kind === undefined) {
    const hint = didYouMean(scheme, schemes)
    throw new BadValue(`unknown scheme "${scheme}" (expected ${schemes.join(', ')})${hint}`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new BadValue('the command line is visible to all users: give credentials as a file')
  }
  if (url.hostname === '' && !kind.isLocal) throw new BadValue(`the URL has no host: "${address}"`)
  const parameters = { ...commonParameters, ...kind.parameters }
  const values = readParameters(parameters, url.searchParams)
  checkSpool(values.spool, url.searchParams.get('spool'), kind)
  kind.check?.({ url, values, nodeName: '', version: '' })
  return { name, kind, url, values }
}

/** @throws BadValue */
function checkSpool(spool: number, text: string | null, { guarantee }: OutputKind): void {
  if (spool === 0) return
  if (guarantee === 'at most once') {
    throw new BadValue('spool has no effect: the receiver does not acknowledge events')
  }
  if (spool < spoolMin) throw new BadValue(`spool: invalid size "${text}" (minimum: 16M)`)
}

/** Reads the parameters of a URL. @throws BadValue */
function readParameters<Parameters extends Options>(
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
