import type { Action, ActionName } from '@tetragon-ts/policy'
import { cgroupDecider } from '../backends/cgroup-decider.ts'
import { fmodRetDecider, lsmDecider, overrideReturnDecider } from '../backends/deciders.ts'
import { fanotifyDecider } from '../backends/fanotify-decider.ts'
import type { Refusal } from '../hook/refusal.ts'
import type { HookPlan } from '../hook-plans/hook-plan.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import type { Means } from '../means/means.ts'
import { registerMeans } from '../means/registers.ts'
import { resultMeans } from '../means/result.ts'
import { signalMeans, signalNumber } from '../means/signal.ts'
import type { ActionModule, EnforcedAction } from './action.ts'

const signalMeansInOrder = { signal: signalMeans }

const bySignal = {
  counter: 'signal',
  means: signalMeansInOrder,
  details: (action: Action<'Sigkill' | 'Signal'>) => ({ signal: signalNumber(action) }),
} as const

/** Means of Override, best first. */
const resultMeansInOrder = {
  lsm: resultMeans('lsm', lsmDecider),
  fmod_ret: resultMeans('fmod_ret', fmodRetDecider),
  override_return: resultMeans('override_return', overrideReturnDecider),
  cgroup: resultMeans('cgroup', cgroupDecider),
  fanotify: resultMeans('fanotify', fanotifyDecider),
  registers: registerMeans,
}

/** Means of the actions here. */
export const enforcingMeans = { ...signalMeansInOrder, ...resultMeansInOrder }

const override: ActionModule<'Override'> = {
  enforcement: {
    counter: 'override',
    means: resultMeansInOrder,
    details: ({ error }) => (error === undefined ? {} : { error }),
  },
}

/** Actions that stop a process or its operation. */
export const enforcingActions = {
  Sigkill: { enforcement: bySignal },
  Signal: { enforcement: bySignal },
  Override: override,
}

/** The means that carries out an action in programs of a plan; otherwise why none can. */
export function meansFor<N extends ActionName>(
  action: Action<N>,
  { means }: EnforcedAction<N>,
  plan: HookPlan,
  kernel: Pick<KernelView, 'btf'>,
): Means<N> | Refusal {
  let last: Refusal | undefined
  for (const each of Object.values(means)) {
    const refusal = each.refuses(action, plan, kernel)
    if (refusal === undefined) return each
    if (last === undefined || plan.plannedFor === each.name) last = refusal
  }
  if (last === undefined) throw new RangeError(`an action without means: ${action.action}`)
  return last
}
