import type { Question } from '../question-thread/question-thread.ts'

/** A file in /proc/PID that the kernel reads while it holds the lock of the process's memory. */
export type ProcessFile = 'maps' | 'cmdline'

/** What is asked of the thread that reads such files; the answer is the start of the file. */
export interface ProcessFileQuestion extends Question {
  readonly pid: number
  /** Start of the process, in nanoseconds since boot: its pid may have been reused. */
  readonly start: number
  readonly file: ProcessFile
}
