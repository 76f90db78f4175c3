import { processFlags } from '@tetragon-ts/api'
import type { ExecIds, Process } from './process.ts'
import { noWorkload } from './workload.ts'

/** Pid of the kernel, the root of the tree of processes. */
export const kernelPid = 0

/** The kernel itself, parent of the first process; its start is 1 ns, as in kernel programs. */
export function kernelProcess(execIds: ExecIds): Process {
  return {
    pid: kernelPid,
    start: 0,
    execs: 0,
    ktime: 1,
    ktimeHigh: 0,
    ktimeLow: 1,
    execId: execIds.format(0, 1, kernelPid),
    parent: undefined,
    parentExecId: execIds.format(0, 1, kernelPid),
    flags: processFlags.procFS,
    euid: 0,
    auid: 0,
    namespacePid: 0,
    workload: noWorkload,
    image: ',"binary":"<kernel>"',
    details: '',
    json: undefined,
    references: 1,
  }
}
