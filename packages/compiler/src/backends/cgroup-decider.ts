import { byKernel, byPolicy } from '../hook/refusal.ts'
import type { Backend } from '../hook-plans/backend.ts'
import { namesOf } from '../hook-plans/hook-target.ts'
import { cgroupDecision } from './cgroup-decisions/index.ts'
import { planCaller } from './lsm.ts'
import { notForTarget, notPermitted } from './permitted-means.ts'

/**
 * Programs at the root of the version 2 cgroup hierarchy, which decide about some operations of all
 * processes: they need neither kprobes nor trampolines. A policy must ask for those that do not see
 * all calls.
 */
export const cgroupDecider: Backend = {
  name: 'cgroup',
  alone: true,
  plan(target, kernel) {
    const { section, functions } = target
    if (section === 'lsmhooks') return planCaller(cgroupDecider, target, kernel)
    const unsuitable = notForTarget('cgroup', target)
    if (unsuitable) return unsuitable
    const [{ symbol, shown }] = functions
    const decision = cgroupDecision(symbol)
    if (!decision) return byPolicy(`no hook of cgroups decides about ${shown}`)
    const { needs, weakness, difference, parameters, members, values, anyTask } = decision
    const refused = kernel.refuses(needs)
    if (refused) return refused
    if (kernel.cgroupRoot === undefined) return byKernel('cgroup2 is not mounted')
    const unsuited = decision.refuses?.(target, kernel)
    if (unsuited) return unsuited
    const forbidden = weakness && notPermitted('cgroup', target, weakness.text)
    if (forbidden) return forbidden
    return {
      backend: 'cgroup',
      why: 'its result decides before the operation',
      difference,
      plannedFor: 'cgroup',
      resultDecides: true,
      ...(weakness && { weakness }),
      enter: decision.placements(kernel.cgroupRoot),
      leave: [],
      parameters,
      ...(members && { members }),
      ...(values && { values }),
      ...(anyTask !== undefined && { anyTask }),
      functionNames: namesOf(target),
    }
  },
}
