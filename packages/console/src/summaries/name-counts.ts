import type { FieldName } from '../store/filter-text.ts'

/** Fields whose values the overview counts. */
export const countedFields = [
  'binary',
  'file',
  'address',
  'user',
  'pod',
  'container',
  'policy',
  'hook',
  'kind',
  'node',
] as const satisfies readonly FieldName[]
export type CountedField = (typeof countedFields)[number]

/** A value of a field, and how many events have it. */
export interface CountedName {
  readonly name: string
  readonly count: number
  /** Whether no event before the span has it; false if there are none before. */
  readonly isNew: boolean
}

/** The values of a field. */
export interface FieldNames {
  readonly field: CountedField
  /** The most frequent ones, and then new ones. */
  readonly names: readonly CountedName[]
  /** How many values there are besides. */
  readonly others: number
}

/** Values that are shown of each field: the most frequent ones, and new ones besides. */
const shownMax = { frequent: 6, fresh: 4 }
/** Values that are counted of each field: processes can make them up. */
const countedMax = 50_000

/**
 * Counts the values of a field. Beyond a number of values, those with the fewest events are
 * forgotten.
 */
export class NameCounts {
  /** Values of the events before a time, and their numbers of events. */
  readonly before = new Map<string, number>()
  /** Those of the events since then. */
  readonly since = new Map<string, number>()

  /** To be called after some thousand events. */
  limit(max = countedMax): void {
    for (const counts of [this.before, this.since]) {
      for (let least = 1; counts.size > max; least *= 2) {
        for (const [name, count] of counts) if (count <= least) counts.delete(name)
      }
    }
  }

  /** @param isAll whether the events before count, too */
  summary(field: CountedField, isAll: boolean): FieldNames {
    const { before } = this
    const names = [...(isAll ? sumOf(before, this.since) : this.since)]
      .filter(([name]) => name !== '')
      .map(([name, count]) => ({ name, count, isNew: before.size > 0 && !before.has(name) }))
      .sort((a, b) => b.count - a.count)
    const frequent = names.slice(0, shownMax.frequent)
    const fresh = names.slice(shownMax.frequent).filter(({ isNew }) => isNew)
    const shown = [...frequent, ...fresh.slice(0, shownMax.fresh)]
    return { field, names: shown, others: names.length - shown.length }
  }
}

function sumOf(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
): Map<string, number> {
  const sums = new Map(a)
  for (const [name, count] of b) sums.set(name, (sums.get(name) ?? 0) + count)
  return sums
}
