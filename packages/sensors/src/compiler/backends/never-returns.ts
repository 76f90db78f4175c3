import type { TargetFunction } from './backend.ts'

const endless = /^(sys_|__\w+?_sys_)(exit|exit_group)$|^(do_exit|do_group_exit|make_task_dead)$/

/** Whether a function never comes back: nobody needs to wait for it, and it has no result. */
export function neverReturns({ symbol }: TargetFunction): boolean {
  return endless.test(symbol)
}
