import { SystemCallError } from '../sys/index.ts'

const EINVAL = 22

const hint = 'another program may probe it with another reference counter, or with none'

/**
 * Runs a function that attaches to an instruction of user space, and adds to EINVAL the cause that
 * its arguments do not show: the kernel has one reference counter for an instruction (alloc_uprobe
 * in kernel/events/uprobes.c).
 * @param action as in the error
 */
export function explainUprobe<Result>(action: string, attach: () => Result): Result {
  try {
    return attach()
  } catch (error) {
    if (!(error instanceof SystemCallError) || error.errnoNumber !== EINVAL) throw error
    throw new SystemCallError(action, EINVAL, error.command, hint)
  }
}
