import { type Program, program } from '@tetragon-ts/ebpf/lang'
import type { Notifications } from '../hook/notifications.ts'
import { Scratch } from '../hook/scratch.ts'
import type { Placement } from '../hook-plans/hook-plan.ts'
import type { PlannedHook } from '../plan/plan-hook.ts'
import { hitAt } from './hook-code.ts'

/**
 * Where an enforcer acts. A signal has the same effect at the end of a call, and is sent there if
 * possible: a hook of the same call that notifies is certainly earlier. Where the kernel can miss
 * returns, notifications that are earlier than the call take effect at its start.
 */
export function enforcerPlacements({ plan }: PlannedHook): readonly Placement[] {
  const { resultDecides, enter, leave, limitedReturns } = plan
  if (resultDecides || leave.length === 0) return enter
  return limitedReturns ? [...enter, ...leave] : leave
}

/** The program at a call: does what the policy's hooks have left for the thread. */
export function enforcerProgram(
  planned: PlannedHook,
  placement: Placement,
  notifications: Notifications,
): Program {
  const { hook, scope } = planned
  return program(planned.programName, placement.hook, (k, ...args) => {
    const hit = hitAt(k, planned, placement, args)
    const context = planned.context(k, new Scratch(k, 'tg_scratch'))
    context.at(hook.path, () => {
      notifications.take(hit, (effect) => {
        // Notifications of the mode enforce have no effect any more once the policy monitors.
        if (scope.mode) k.when(k.global(scope.mode).load(4).eq(0), k.exit)
        for (const action of hook.selectors[effect].actions) {
          const error = planned.means(action)?.emit(action, hit, context)
          if (error) k.when(error.ne(0), () => context.countLoss('enforcement_failed'))
        }
      })
    })
  })
}
