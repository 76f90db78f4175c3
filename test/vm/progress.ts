import { writeSync } from 'node:fs'

/** Descriptor for progress reports of a process that runs several test files. */
export const progressDescriptor = 3

/** A report, one line of JSON each. */
export interface Progress {
  readonly at: 'load' | 'begin' | 'end'
  /** Path of the test's source file, relative to the repository. */
  readonly file: string
  /** At the end: whether a case of it failed. */
  readonly failed?: boolean
}

export function reportProgress(progress: Progress): void {
  writeSync(progressDescriptor, `${JSON.stringify(progress)}\n`)
}
