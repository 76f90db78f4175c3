import { getPriority, setPriority } from 'node:os'

/**
 * The reader runs for some milliseconds at a time. With normal weight, the scheduler considers its
 * CPU idle and places starting programs on it, where they have to wait. A high priority therefore
 * disturbs others less than a normal one, and load cannot delay reading the ring. For the thread
 * that answers file requests, load would delay the processes that wait for it.
 */
const niceness = -10

/** Raises the priority of the calling thread. Without CAP_SYS_NICE it keeps the normal one. */
export function raisePriority(): void {
  setOwnPriority(niceness)
}

/**
 * Gives the calling thread the priority of the process, at most the normal one: a thread inherits
 * that of its starter.
 */
export function resetPriority(): void {
  setOwnPriority(Math.max(0, getPriority(process.pid)))
}

function setOwnPriority(value: number): void {
  try {
    // For setpriority(2), process 0 is the calling thread.
    setPriority(0, value)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error
  }
}
