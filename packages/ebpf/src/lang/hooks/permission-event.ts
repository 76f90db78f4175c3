import type { Int } from '../int.ts'
import type { Hook } from './hook.ts'
import { onDemand } from './on-demand.ts'

/** What callers wait for: opening a file, or executing it. */
export type PermissionEvent = 'open' | 'execute'

/** Files with permission events. */
export interface MarkedFiles {
  readonly event: PermissionEvent
  /** Leads to the folder that is the root of the paths. */
  readonly root: string
  /** At least one. */
  readonly paths: readonly string[]
}

/**
 * Permission events of fanotify. A thread of this process answers them (`FanotifyLink`,
 * `answerByProgram`) and runs the program for each. It gets a descriptor of the file in this
 * process, and the ID of the thread that acts, in the pid namespace of this process. The result 0
 * allows the event, any other denies it with EPERM. The current task is the thread that answers.
 * Kernel 5.10.
 */
export function permissionEvent(): Hook<readonly [descriptor: Int, thread: Int]> {
  return { ...onDemand('descriptor', 'thread'), kind: 'fanotify', target: 'permission event' }
}
