import type { TargetFunction } from '../hook-plans/hook-target.ts'

const endless = /^(sys_|__\w+?_sys_)(exit|exit_group)$|^(do_exit|do_group_exit|make_task_dead)$/

/** Whether a function never returns: its return is not awaited, and it has no result. */
export function neverReturns({ symbol }: TargetFunction): boolean {
  return endless.test(symbol)
}
