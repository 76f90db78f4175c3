import type { Subject } from '../store/filter.ts'

/** What a filter sees of an event with a single text. */
export function subjectOf(text: string, more: Partial<Subject> = {}): Subject {
  return { has: (word) => word.isIn(text), fields: {}, ...more }
}
