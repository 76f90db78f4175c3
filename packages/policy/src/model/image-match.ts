import type { Located } from '../arguments/located.ts'

/** A condition of tests of one kind. */
export type Logic<Test> =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Logic<Test>[] }
  | { readonly kind: 'not'; readonly of: Logic<Test> }
  | Test

/** Compares a text of a program without regard to the case of ASCII letters. */
export interface ImageText {
  readonly kind: 'text'
  /** The called path, or that path and the arguments as events join them. */
  readonly field: 'path' | 'commandLine'
  /** ASCII, in lower case. */
  readonly text: string
  /** Where the text must be in the field. */
  readonly anchor: 'anywhere' | 'start' | 'end' | 'whole'
}

/** A condition on a program, decided when it is executed. */
export type ImageCondition = Logic<ImageText>

/** A condition on the program of a process, or of its parent. */
export interface ImageTest {
  readonly kind: 'image'
  readonly of: 'process' | 'parent'
  readonly condition: ImageCondition
}

/**
 * A condition of a detection rule that the kernel decides when a program is executed. Only policies
 * that are generated from rules have it.
 */
export interface ImageMatch extends Located {
  readonly condition: Logic<ImageTest>
}
