import type { Question } from '../../../reader/question-thread/question-thread.ts'

/** A path of the host, whose file system may never answer. */
export interface HostFileQuestion extends Question {
  /** Leads to the root of the host. */
  readonly root: string
  readonly path: string
  /** Set to 1 when the file system has answered, even if nobody waits for that any more. */
  readonly returned: Int32Array
}

/** What the file system has answered; it can be asked again without a wait. */
export interface HostFileFacts {
  /** Another one for another file, and after each change; undefined: it cannot be opened. */
  readonly version: string | undefined
}
