import type { ExecIds } from '../../processes/exec-ids.ts'
import type { Process } from '../../processes/process.ts'
import type { Identity } from './process-input.ts'

/** Facts about a process besides its identity. */
export type ProcessFacts = Pick<Process, 'start' | 'parent' | 'workload' | 'image' | 'details'> & {
  readonly flags: number
}

/** Creates a process from the identity in a record and these facts. */
export function makeProcess(execIds: ExecIds, identity: Identity, facts: ProcessFacts): Process {
  const { pid, execs, ktime, ktimeHigh, ktimeLow } = identity.key
  const above = identity.parent
  const { start, parent, flags, workload, image, details } = facts
  return {
    pid,
    start,
    execs,
    ktime,
    ktimeHigh,
    ktimeLow,
    execId: execIds.format(ktimeHigh, ktimeLow, pid),
    parent,
    parentExecId: parent?.execId ?? execIds.format(above.ktimeHigh, above.ktimeLow, above.pid),
    flags,
    euid: identity.euid,
    auid: identity.auid,
    namespacePid: identity.nspid,
    workload,
    image,
    details,
    json: undefined,
    counts: undefined,
    countedText: undefined,
    binary: undefined,
    filterAnswers: undefined,
    references: 1,
  }
}
