import { createHash } from 'node:crypto'
import { type Finding, findingLevels } from '@tetragon-ts/api'

// Facts about an event that receivers need besides its content.

/** An id of an event that is the same when it is sent again: receivers find duplicates by it. */
export function eventId(line: Buffer): string {
  return createHash('sha256').update(line).digest('base64url').slice(0, 22)
}

/** Nanoseconds since 1970 of a time in RFC 3339, as decimal digits; undefined if it is not one. */
export function nanosecondsOf(time: string | undefined): string | undefined {
  const match = /^(.*T\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/.exec(time ?? '')
  const ms = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`)
  if (Number.isNaN(ms)) return undefined
  return `${ms / 1000}${(match?.[2] ?? '').padEnd(9, '0')}`
}

/** A level of a finding. */
export type FindingLevel = (typeof findingLevels)[number]

/** The highest level among findings; undefined if there are none. */
export function highestLevel(findings: readonly Finding[] | undefined): FindingLevel | undefined {
  const levels = (findings ?? []).map(({ level }) =>
    (findingLevels as readonly unknown[]).indexOf(level),
  )
  return levels.length === 0 ? undefined : findingLevels[Math.max(0, ...levels)]
}
