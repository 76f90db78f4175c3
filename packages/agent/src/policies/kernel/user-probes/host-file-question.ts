import type { Question } from '../../../reader/question-thread/question-thread.ts'

/** A path of the host, whose file system may never answer. */
export interface HostFileQuestion extends Question {
  /** Leads to the root of the host. */
  readonly root: string
  readonly path: string
}

/** What the file system has answered; it can be asked again without a wait. */
export interface HostFileFacts {
  /** Another one for another file, and after each change; undefined: it cannot be opened. */
  readonly version: string | undefined
}
