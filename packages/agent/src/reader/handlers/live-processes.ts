import { hashMap } from '@tetragon-ts/ebpf/maps'
import { OpenMap } from '@tetragon-ts/ebpf/open-maps'
import { u32 } from '@tetragon-ts/ebpf/records'
import { Fd } from '@tetragon-ts/ebpf/sys'
import { ProcessEntry, processTable } from '@tetragon-ts/sensors'
import { isInProcfs } from '../../processes/procfs.ts'
import type { LiveProcesses } from './reconciliation.ts'

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
