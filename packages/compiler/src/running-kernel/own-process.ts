import { readFileSync } from 'node:fs'
import { hostPid } from '@tetragon-ts/ebpf/programs'
import type { OwnProcess } from '../hook/own-process.ts'

/** Index of `starttime` among the fields after the name: man 5 proc_pid_stat. */
const startField = 19

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
