import { readFileSync } from 'node:fs'
import { hostPid } from './host-pid.ts'

/** Nanoseconds of a clock tick in /proc: USER_HZ is 100 on all architectures. */
export const tickNs = 10_000_000
/** Index of `starttime` among the fields after the name: man 5 proc_pid_stat. */
const startField = 19

/** This process as programs see it. */
export interface OwnProcess {
  readonly pid: number
  /** Start since boot in {@link tickNs}: another process may get the pid after this one. */
  readonly startTicks: number
}

let known: OwnProcess | undefined

/** Undefined if the pid on the host cannot be found: in a namespace before kernel 5.10. */
export function ownProcess(): OwnProcess | undefined {
  known ??= readOwnProcess()
  return known
}

function readOwnProcess(): OwnProcess | undefined {
  const pid = hostPid()
  if (pid === undefined) return undefined
  const stat = readFileSync('/proc/self/stat', 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { pid, startTicks: Number(fields[startField]) }
}
