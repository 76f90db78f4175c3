import type { MapSpec } from '../maps/index.ts'
import { possibleCpus } from '../sys/index.ts'

/** The number of entries that a declared map has on this machine. */
export function entryCount({ maxEntries, entriesPerCpu = 0 }: MapSpec): number {
  return entriesPerCpu === 0 ? maxEntries : maxEntries + entriesPerCpu * possibleCpus()
}
