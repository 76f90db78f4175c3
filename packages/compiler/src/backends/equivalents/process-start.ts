import { byKernel, isRefusal, type Refusal } from '../../hook/refusal.ts'
import type { HookTarget } from '../../hook-plans/hook-target.ts'
import type { KernelView } from '../../hook-plans/kernel-view.ts'
import { atTracepoint } from './at-tracepoint.ts'
import type { Equivalent, EquivalentPlan } from './equivalent.ts'

const location =
  'the tracepoint sched_prepare_exec (Linux 6.10), or sched_process_exec on older kernels'
const onOlder =
  'on older kernels the process is the new program instead of the caller, so policies with ' +
  'conditions on the process are refused'

/** Where execve(2) can no longer be refused, and the process still has its old image. */
function atExec({ aboutProcess }: HookTarget, kernel: KernelView): EquivalentPlan | Refusal {
  const early = atTracepoint('sched_prepare_exec', kernel, [0], (_, args) => [args[1]])
  if (!isRefusal(early)) return early
  if (aboutProcess.length > 0) {
    const why = 'at sched_process_exec the process is the new program, not the caller'
    return byKernel(`${early.reason}, and ${why}: ${aboutProcess.join(', ')} cannot be tested`)
  }
  return atTracepoint('sched_process_exec', kernel, [0], (_, args) => [args[2]])
}

/** security_bprm_check(bprm): when the program to run is known. */
export const securityBprmCheck: Equivalent = {
  functions: ['security_bprm_check'],
  prototype: 'security_bprm_check(struct linux_binprm *bprm)',
  location,
  difference:
    'seen when all modules have allowed it and the new program is about to start; for a script only ' +
    'its interpreter is seen; programs that are refused or cannot be executed are not seen; ' +
    onOlder,
  plan: atExec,
}

/** security_bprm_committed_creds(bprm): when the new program has its credentials. */
export const securityBprmCommittedCreds: Equivalent = {
  functions: ['security_bprm_committed_creds', 'security_bprm_committing_creds'],
  prototype: 'security_bprm_committed_creds(const struct linux_binprm *bprm)',
  location,
  difference:
    'seen a little earlier, when the process still has its old credentials: capabilities are those ' +
    `of the caller; ${onOlder}`,
  plan: atExec,
}

/** wake_up_new_task(p): the tracepoint inside it. */
export const wakeUpNewTask: Equivalent = {
  functions: ['wake_up_new_task'],
  prototype: 'wake_up_new_task(struct task_struct *p)',
  location: 'the tracepoint sched_wakeup_new, which is hit inside it',
  difference: 'seen inside it, when the task is in a run queue',
  plan: (_, kernel) => atTracepoint('sched_wakeup_new', kernel, [0], (_, args) => [args[0]]),
}
