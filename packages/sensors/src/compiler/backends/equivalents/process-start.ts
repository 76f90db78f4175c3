import { isRefusal } from '../refusal.ts'
import { atTracepoint } from './at-tracepoint.ts'
import type { Equivalent } from './equivalent.ts'

/** security_bprm_check(bprm): when the program to run is known. */
export const securityBprmCheck: Equivalent = {
  functions: ['security_bprm_check'],
  prototype: 'security_bprm_check(struct linux_binprm *bprm)',
  location:
    'the tracepoint sched_prepare_exec (Linux 6.10), or sched_process_exec on older kernels',
  difference:
    'seen when all modules have allowed it and the new program is about to start; for a script only ' +
    'its interpreter is seen; programs that are refused or cannot be executed are not seen',
  plan(_, kernel) {
    const early = atTracepoint('sched_prepare_exec', kernel, [0], (_, args) => [args[1]])
    if (!isRefusal(early)) return early
    return atTracepoint('sched_process_exec', kernel, [0], (_, args) => [args[2]])
  },
}

/** security_bprm_committed_creds(bprm): when the new program has its credentials. */
export const securityBprmCommittedCreds: Equivalent = {
  functions: ['security_bprm_committed_creds', 'security_bprm_committing_creds'],
  prototype: 'security_bprm_committed_creds(const struct linux_binprm *bprm)',
  location: 'the tracepoint sched_process_exec',
  difference:
    'seen a little later, when the program is loaded; a program that cannot be loaded completely ' +
    'after its credentials were set is not seen',
  plan: (_, kernel) => atTracepoint('sched_process_exec', kernel, [0], (_, args) => [args[2]]),
}

/** wake_up_new_task(p): the tracepoint inside it. */
export const wakeUpNewTask: Equivalent = {
  functions: ['wake_up_new_task'],
  prototype: 'wake_up_new_task(struct task_struct *p)',
  location: 'the tracepoint sched_wakeup_new, which is hit inside it',
  difference: 'seen inside it, when the task is in a run queue',
  plan: (_, kernel) => atTracepoint('sched_wakeup_new', kernel, [0], (_, args) => [args[0]]),
}
