import { writeSync } from 'node:fs'

/** Descriptor for progress reports of a process that runs tests. */
export const progressDescriptor = 3
/**
 * Environment variable with the pid of the process that reads the reports. Only its children
 * report: for others the descriptor is something else, or nothing.
 */
export const progressVariable = 'TETRAGON_TEST_PROGRESS'

/** A report, one line of JSON each. */
export interface Progress {
  readonly at: 'load' | 'begin' | 'case' | 'end' | 'exit'
  /** Path of the test's source file, relative to the repository. */
  readonly file: string
  /** Of a case that begins. */
  readonly name?: string
  /** At the end: whether a case of it failed. */
  readonly failed?: boolean
  /** At the exit of the process: its processor time, with that of its children. */
  readonly processorMs?: number
}

/** Reports to the process that started this one, if that reads reports. */
export function reportProgress(progress: Progress): void {
  if (process.env[progressVariable] !== String(process.ppid)) return
  writeSync(progressDescriptor, `${JSON.stringify(progress)}\n`)
}
