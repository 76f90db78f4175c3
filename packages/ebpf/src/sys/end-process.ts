import { constants } from 'node:os'
import { alarm, exitGroup, signal } from './ffi.ts'

const SIG_DFL = 0

/**
 * Ends the process immediately, whatever its threads wait for: exit(3), which Node.js uses, waits
 * for threads that write to a file system that does not respond. The kernel closes all descriptors.
 */
export function endProcess(code: number): never {
  exitGroup(code)
  throw new Error('end process: the kernel returned')
}

/**
 * Lets the kernel end this process with SIGALRM after a time, even if the main thread is blocked.
 * Also where the signal was ignored before.
 */
export function limitTime(seconds: number): void {
  signal(constants.signals.SIGALRM, SIG_DFL)
  alarm(seconds)
}
