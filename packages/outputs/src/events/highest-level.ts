import { type Finding, findingLevels } from '@tetragon-ts/api'

/** A level of a finding. */
export type FindingLevel = (typeof findingLevels)[number]

/** The highest level among findings; undefined if there are none. */
export function highestLevel(findings: readonly Finding[] | undefined): FindingLevel | undefined {
  const levels = (findings ?? []).map(({ level }) =>
    (findingLevels as readonly unknown[]).indexOf(level),
  )
  return levels.length === 0 ? undefined : findingLevels[Math.max(0, ...levels)]
}
