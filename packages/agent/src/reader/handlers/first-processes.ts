import { readFileSync } from 'node:fs'
import { processFlags } from '@tetragon-ts/api'
import { kernelPid } from '../../processes/kernel-process.ts'
import { type Process, unknownExecs } from '../../processes/process.ts'
import { readRunning } from '../../processes/procfs.ts'
import { noWorkload } from '../../processes/workload.ts'
import type { EventContext } from '../event-context.ts'
import { imageJson, wholeText } from '../json/process-json.ts'

/** Pid of the first process. */
export const initPid = 1

/** The login uid of a process without a login session. */
const noLoginUid = 0xffffffff
const slash = 0x2f

/** Start of an image, as in records. */
type Start = Pick<Process, 'ktime' | 'ktimeHigh' | 'ktimeLow'>

/**
 * The first process from /proc, for machines whose lists of tasks omit it. If its links cannot be
 * read, the binary is taken from its arguments.
 * @param start as in records of its children, so that exec ids agree
 */
export function initProcess(context: EventContext, start: Start): Process {
  const { cache, execIds, procfs } = context
  const { args, cwd, binary } = readRunning(procfs, initPid)
  const path = binary.length > 0 ? binary : args.subarray(0, (args.indexOf(0) + 1 || Infinity) - 1)
  const isRoot = cwd.length === 0 || (cwd.length === 1 && cwd[0] === slash)
  const parent = cache.get(kernelPid)
  return {
    pid: initPid,
    start: start.ktime,
    execs: unknownExecs,
    ktime: start.ktime,
    ktimeHigh: start.ktimeHigh,
    ktimeLow: start.ktimeLow,
    execId: execIds.format(start.ktimeHigh, start.ktimeLow, initPid),
    parent,
    parentExecId: parent?.execId ?? '',
    flags: processFlags.procFS | (isRoot ? processFlags.rootcwd : 0),
    euid: readNumber(`${procfs}/${initPid}/status`, /^Uid:\t\d+\t(\d+)/m) ?? 0,
    auid: readNumber(`${procfs}/${initPid}/loginuid`, /^(\d+)/) ?? noLoginUid,
    namespacePid: 0,
    workload: noWorkload,
    image: imageJson(context, wholeText(cwd), wholeText(path), wholeText(args), false),
    details: '',
    json: undefined,
    references: 1,
  }
}

function readNumber(path: string, pattern: RegExp): number | undefined {
  try {
    const found = pattern.exec(readFileSync(path, 'utf8'))
    return found ? Number(found[1]) : undefined
  } catch {
    return undefined
  }
}
