/**
 * Classes of events, by importance: where not all events fit, the less important ones are lost
 * first, and each class has a share of its own. Losses and throttling belong to the processes: they
 * say what is missing.
 */
export const eventClass = {
  /** What policies observe, and mapped files. */
  hook: 0,
  /** Execs, exits, and losses. */
  process: 1,
  /** What policies have enforced, and whatever detection rules match. */
  enforcement: 2,
} as const

export type EventClassName = keyof typeof eventClass
export type EventClass = (typeof eventClass)[EventClassName]

/** The names, by number. */
export const eventClassNames = Object.keys(eventClass) as readonly EventClassName[]
/** The numbers. */
export const eventClasses: readonly EventClass[] = Object.values(eventClass)

/** Numbers by class. */
export type ClassCounts = readonly number[]

/** Counts that can be changed. */
export function noCounts(): number[] {
  return eventClasses.map(() => 0)
}

/** Adds to counts. */
export function addCounts(to: number[], counts: ClassCounts): void {
  for (const each of eventClasses) to[each] += counts[each]
}

/** All classes together. */
export function sumOf(counts: ClassCounts): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
