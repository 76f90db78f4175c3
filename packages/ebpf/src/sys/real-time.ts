import { lastErrno, schedGetscheduler, schedSetscheduler, setErrno } from './ffi.ts'
import { Memory } from './memory.ts'

/** Scheduling policies: include/uapi/linux/sched.h. */
const [SCHED_FIFO, SCHED_RR, SCHED_DEADLINE] = [1, 2, 6]
const SCHED_RESET_ON_FORK = 0x4000_0000

/** struct sched_param for normal and for real-time policies: an int each. */
let parameters: Memory | undefined

function setPolicy(policy: number, priority: 0 | 1): boolean {
  parameters ??= Memory.allocate(8)
  parameters.view.setInt32(4, 1, true)
  return schedSetscheduler(0, policy, parameters.address + 4 * priority) === 0
}

/** The scheduling policy to restore; undefined if the thread already has a real-time policy. */
function normalPolicy(): number | undefined {
  const policy = schedGetscheduler(0)
  const isRealTime = [SCHED_FIFO, SCHED_RR, SCHED_DEADLINE].includes(policy & ~SCHED_RESET_ON_FORK)
  return isRealTime ? undefined : policy
}

/** Whether this thread may take real-time priority: CAP_SYS_NICE, or RLIMIT_RTPRIO. */
export function canRunInRealTime(): boolean {
  const normal = normalPolicy()
  if (normal === undefined) return true
  const can = setPolicy(SCHED_FIFO, 1)
  if (can) setPolicy(normal, 0)
  return can
}

/**
 * Makes a system call with real-time priority, so that no task of normal priority preempts the
 * thread during the call. The nice value is kept; `lastErrno` is that of the call.
 */
export function inRealTime(call: () => number): number {
  const normal = normalPolicy()
  if (normal === undefined) return call()
  setPolicy(SCHED_FIFO, 1)
  let errno = 0
  try {
    const result = call()
    errno = result < 0 ? lastErrno() : 0
    return result
  } finally {
    setPolicy(normal, 0)
    if (errno !== 0) setErrno(errno)
  }
}
