import { resolve } from 'node:path'
import { BadValue, duration, optionalSize, size, type ValuesOf } from '@tetragon-ts/service/options'
import type { OutputKind } from './connection.ts'
import { filterParameters } from './events/event-filter.ts'
import { kindOfScheme, schemes } from './kinds/index.ts'
import { checkHost, readNamedUrl, readParameters, unknownScheme } from './network/named-url.ts'

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

/**
 * Reads `NAME=URL`. Parameters are in the query of the URL; secrets are in files.
 * @throws BadValue
 */
export function readOutput(text: string): OutputSpecification {
  return readNamedUrl('output', example, text, ({ name, url, scheme }) => {
    const kind = kindOfScheme(scheme)
    if (kind === undefined) throw unknownScheme(scheme, schemes)
    checkHost(url, kind.isLocal)
    const values = readParameters({ ...commonParameters, ...kind.parameters }, url.searchParams)
    checkSpool(values.spool, url.searchParams.get('spool'), kind)
    kind.check?.({ url, values, nodeName: '', version: '' })
    return { name, kind, url, values }
  })
}

/** Refuses outputs that would take the files of others. @throws BadValue */
export function checkFolders(outputs: readonly OutputSpecification[]): void {
  const owned = outputs.map(({ kind, values }) => kind.ownFolder?.(values))
  const shared = outputs.map(({ kind, url }) => kind.sharedFolder?.(url))
  for (const [index, folder] of owned.entries()) {
    if (folder === undefined) continue
    const other = outputs.findIndex((_, at) => {
      const theirs = owned[at] ?? shared[at]
      return at !== index && theirs !== undefined && resolve(theirs) === resolve(folder)
    })
    if (other >= 0) {
      const names = `${outputs[index].name} and ${outputs[other].name}`
      throw new BadValue(`give outputs ${names} different folders: both have ${folder}`)
    }
  }
}

/** @throws BadValue */
function checkSpool(spool: number, text: string | null, { guarantee }: OutputKind): void {
  if (spool === 0) return
  if (guarantee === 'at most once') {
    throw new BadValue('spool has no effect: the receiver does not acknowledge events')
  }
  if (spool < spoolMin) throw new BadValue(`spool: invalid size "${text}" (minimum: 16M)`)
}
