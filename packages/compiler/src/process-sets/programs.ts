import { type Int, type Program, type Ptr, program, tpBtf } from '@tetragon-ts/ebpf/lang'
import type { LinuxBinprm, TaskStruct } from '@tetragon-ts/sensors/kernel/types'
import type { ProcessWalk } from '@tetragon-ts/sensors/process/walk'
import { isOfCommands } from '../hook/membership.ts'
import type { ProcessSet } from './process-set.ts'
import {
  afterExec,
  afterFork,
  afterRelease,
  visit,
  visitChild,
  visitCommand,
} from './transitions.ts'

/** Decides membership at each exec. */
export function execProgram(set: ProcessSet): Program {
  const hook =
    tpBtf<[task: Ptr<TaskStruct>, oldPid: Int, bprm: Ptr<LinuxBinprm>]>('sched_process_exec')
  return program('tg_members_exec', hook, (k, task, _, { filename }) => {
    return afterExec(k, set, { task, filename })
  })
}

/** Decides membership of a child at its fork. */
export function forkProgram(set: ProcessSet): Program {
  const hook = tpBtf<[forker: Ptr<TaskStruct>, child: Ptr<TaskStruct>]>('sched_process_fork')
  return program('tg_members_fork', hook, (k, forker, child) => afterFork(k, set, forker, child))
}

/** Removes processes that have ended. */
export function forgetEnded(set: ProcessSet): Program {
  const hook = tpBtf<[task: Ptr<TaskStruct>]>('sched_process_free')
  return program('tg_members_free', hook, (k, task) => afterRelease(k, set, task))
}

/** Adds the running processes. */
export function runningProgram(set: ProcessSet, walk: ProcessWalk): Program {
  const add = isOfCommands(set.membership) ? visitCommand : visit
  return walk.program('tg_members_run', (k, task) => add(k, set, task))
}

/** Adds the children of members; it runs repeatedly as long as the set grows. */
export function kinProgram(set: ProcessSet, walk: ProcessWalk): Program {
  return walk.program('tg_members_kin', (k, task) => visitChild(k, set, task))
}
