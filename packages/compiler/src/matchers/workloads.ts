import type { Condition, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import type { Selector } from '@tetragon-ts/policy'
import type { TaskStruct } from '@tetragon-ts/sensors/kernel/types'
import {
  enteredGroup,
  NestedGroups,
  nestedGroups,
  workloadTable,
} from '@tetragon-ts/sensors/kernel/workload-table'
import { cgroupOf } from '@tetragon-ts/sensors/process/identity'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import {
  matchSelection,
  policySelection,
  type WorkloadSelection,
} from '../workloads/workload-sets.ts'
import type { Matcher } from './matcher.ts'
import { cgroupOfSocket } from './socket-group.ts'

/**
 * The control group that decides which workload a hit belongs to: that of its task or socket, or
 * that of the container around it.
 */
export function decidingGroup({ k, task, socket }: Hit, { hierarchy }: HookContext): Int {
  const { kn } = socket ? cgroupOfSocket(k, socket) : cgroupOf(task as Ptr<TaskStruct>, hierarchy)
  const group = k.variable(kn.id)
  k.when(k.view(k.global(nestedGroups), NestedGroups).outer.ne(0), () => {
    const entered = enteredGroup(k, k.number(kn))
    k.when(entered.ne(0), () => group.set(entered))
  })
  return group
}

/** Whether the task belongs to a set of workloads: 0 if not, 1 if it does, 2 if it is unknown. */
export function workloadState(hit: Hit, selection: WorkloadSelection, context: HookContext): Int {
  const { k } = hit
  const { number } = context.workloads.get(selection)
  const state = k.variable(selection.host ? 1 : 0)
  const entry = k.lookup(workloadTable, context.uncertain.group)
  k.when(entry, () => {
    const bit = (bits: Int): Int => bits.shiftRight(number & 7).and(1)
    const byte = number >> 3
    state.set(bit(entry.members.at(byte)).or(bit(entry.unknown.at(byte)).shiftLeft(1)))
  })
  return state
}

/**
 * 1 if it is unknown at a function's return whether the policy or a selector applies to the
 * workload; undefined if that is always known.
 */
export function uncertainAtReturn(
  hit: Hit,
  context: HookContext,
  { workloads }: Selector,
): Int | undefined {
  const selections = [policySelection(context.policy)?.selection, matchSelection(workloads)].filter(
    (selection) => selection !== undefined,
  )
  if (selections.length === 0) return undefined
  context.uncertain.group = decidingGroup(hit, context)
  const states = selections.map((selection) => workloadState(hit, selection, context))
  const [first, ...others] = states.map((state) => state.eq(1) as Condition)
  const all = others.reduce((sum, next) => sum.and(() => next), first)
  return hit.k.select(all, 0, 1)
}

/** matchWorkloads: also true if the result is unknown, which user space handles. */
export const workloadsMatcher: Matcher = {
  conditions(selector: Selector, hit, context) {
    const { workloads } = selector
    const selection = matchSelection(workloads)
    if (!workloads || !selection) return []
    const make = () => {
      const state = workloadState(hit, selection, context)
      context.uncertain.ofSelector(selector, state)
      return state.ne(0)
    }
    return [{ path: workloads.path, make }]
  },
}
