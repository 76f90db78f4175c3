import { lastErrno, schedSetscheduler, setErrno } from './ffi.ts'
import { Memory } from './memory.ts'

/** Policies of scheduling: include/uapi/linux/sched.h. */
const SCHED_OTHER = 0
const SCHED_FIFO = 1

/** struct sched_param of both policies: an int each. */
let parameters: Memory | undefined

function setPolicy(policy: number, priority: 0 | 1): boolean {
  parameters ??= Memory.allocate(8)
  parameters.view.setInt32(4, 1, true)
  return schedSetscheduler(0, policy, parameters.address + 4 * priority) === 0
}

/** Whether this thread may take real-time priority: CAP_SYS_NICE, or RLIMIT_RTPRIO. */
export function canRunInRealTime(): boolean {
  const is = setPolicy(SCHED_FIFO, 1)
  if (is) setPolicy(SCHED_OTHER, 0)
  return is
}

/**
 * Makes a system call with real-time priority, so that no task of normal priority preempts this
 * thread meanwhile. The thread keeps its nice value; `lastErrno` is that of the call.
 */
export function inRealTime(call: () => number): number {
  setPolicy(SCHED_FIFO, 1)
  const result = call()
  const errno = result < 0 ? lastErrno() : 0
  setPolicy(SCHED_OTHER, 0)
  if (errno !== 0) setErrno(errno)
  return result
}
