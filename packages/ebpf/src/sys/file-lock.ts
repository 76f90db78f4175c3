import { flock } from './ffi.ts'

const LOCK_EX = 2
const LOCK_NB = 4

/**
 * Locks an open file for this process; the kernel lets go of the lock when the descriptor closes,
 * whatever ends the process.
 * @returns false if another process holds it
 */
export function tryLockFile(fd: number): boolean {
  return flock(fd, LOCK_EX | LOCK_NB) === 0
}
