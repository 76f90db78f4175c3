import type { Question } from '../../../reader/question-thread/question-thread.ts'
import type { Followed } from '../links/follow-links.ts'

/** States of a question in the thread; they also change after the caller has given up. */
export const phase = { waiting: 0, asking: 1, returned: 2 } as const

/** A path of the host, whose file system may never answer. */
export interface HostFileQuestion extends Question {
  readonly about: keyof HostFileAnswers
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

/** The answers to each kind of question. */
export interface HostFileAnswers {
  readonly file: HostFileFacts
  /** Where the path leads to. */
  readonly links: Followed
}
