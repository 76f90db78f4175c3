import type { Question } from '../../../reader/question-thread/question-thread.ts'

/** States of a question in the thread; they also change after the caller has given up. */
export const phase = { waiting: 0, asking: 1, returned: 2 } as const

/** A path of the host, whose file system may never answer. */
export interface HostFileQuestion extends Question {
  /** Leads to the root of the host. */
  readonly root: string
  readonly path: string
  /** A {@link phase}: the file system holds up the thread only while it is being asked. */
  readonly phase: Int32Array
}

/** What the file system has answered; it can be asked again without a wait. */
export interface HostFileFacts {
  /** Another one for another file, and after each change; undefined: it cannot be opened. */
  readonly version: string | undefined
}
