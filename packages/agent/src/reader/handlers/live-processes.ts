import { readFileSync } from 'node:fs'
import { hashMap, OpenMap } from '@tetragon-ts/ebpf/maps'
import { u32 } from '@tetragon-ts/ebpf/records'
import { Fd } from '@tetragon-ts/ebpf/sys'
import { ProcessEntry, processTable } from '@tetragon-ts/sensors'
import type { Process } from '../../processes/process.ts'
import type { LiveProcesses } from './reconciliation.ts'

/** Nanoseconds per clock tick in /proc: USER_HZ is 100 on all supported architectures. */
const tick = 1e7
const startAt = ProcessEntry.field('start').offset

/** Entry of the table; only the start of the process is read. */
const startsOnly = hashMap(processTable.name, {
  key: u32,
  value: {
    size: ProcessEntry.size,
    encode: () => {},
    decode: (view: DataView, offset: number) => {
      const at = offset + startAt
      return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32
    },
  },
  maxEntries: processTable.maxEntries,
})

/**
 * State of live processes in the kernel.
 * @param tableFd descriptor of the process table; the caller closes it
 */
export function liveProcesses(tableFd: number, procfs: string): LiveProcesses {
  const table = new OpenMap(startsOnly, new Fd(tableFd), startsOnly.key, startsOnly.value)
  return {
    startOf: (pid) => table.lookup(pid),
    isInProcfs: (process) => isInProcfs(procfs, process),
  }
}

/** Whether /proc/PID/stat is of this process, and some of its threads still live. */
export function isInProcfs(
  procfs: string,
  { pid, start }: Pick<Process, 'pid' | 'start'>,
): boolean {
  let stat: string
  try {
    stat = readFileSync(`${procfs}/${pid}/stat`, 'latin1')
  } catch {
    return false
  }
  // After the name in parentheses: state is field 3, num_threads 20, starttime 22 (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, threads, ticks] = [fields[0], Number(fields[17]), Number(fields[19])]
  const hasEnded = (state === 'Z' || state === 'X') && threads <= 1
  return !hasEnded && Math.abs(ticks - Math.floor(start / tick)) <= 1
}
