import type { Syntax } from './syntax.ts'

/** A compiled regular expression. */
export interface Pattern {
  /** Whether it matches anywhere in the text, in linear time. */
  test(text: string): boolean
  /** Undefined for constructs that only the general engine knows. */
  readonly syntax?: Syntax | undefined
}
