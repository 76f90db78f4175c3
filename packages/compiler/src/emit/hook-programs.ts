import type { Program } from '@tetragon-ts/ebpf/lang'
import type { PlannedHook } from '../plan/plan-hook.ts'
import { enforcerPlacements, enforcerProgram } from './enforcer-program.ts'
import { enterProgram } from './hook-program.ts'
import { returnProgram } from './return-program.ts'

/** The programs of a hook, in attach order: the return of a call is hooked before its entry. */
export function hookPrograms(planned: PlannedHook): readonly Program[] {
  const { enter, leave, leaveRunsLast } = planned.plan
  const { notifications } = planned.scope
  if (planned.hook.isEnforcer && notifications) {
    return enforcerPlacements(planned).map((placement) =>
      enforcerProgram(planned, placement, notifications),
    )
  }
  if (planned.onlyAtReturn) return leave.map((placement) => enterProgram(planned, placement))
  const entries = enter.map((placement) => enterProgram(planned, placement))
  const returns = planned.returnPlacements.map((placement) => returnProgram(planned, placement))
  return leaveRunsLast ? [...entries, ...returns] : [...returns, ...entries]
}
