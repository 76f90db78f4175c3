import type { Condition, Ptr } from '@tetragon-ts/ebpf/lang'
import { hashMap, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { u8, u64 } from '@tetragon-ts/ebpf/records'
import type { LabelSelector, Policy, Selector, WorkloadMatch } from '@tetragon-ts/policy'
import type { TaskStruct } from '../../kernel/types.ts'
import type { Hit } from '../hit.ts'
import type { HookContext } from '../hook-context.ts'
import { never } from '../operators/any-of.ts'
import type { Matcher } from './matcher.ts'

// Workloads that a policy or selector applies to. Programs look up the task's cgroup; the agent
// writes the cgroups of pods into the maps as pods start and end.

export type WorkloadSelectors = Omit<WorkloadMatch, 'path'>

/** Cgroups of all pods' containers; processes in none of them belong to the host. */
export const podCgroups = hashMap('tg_pod_cgroups', {
  key: u64,
  value: u8,
  maxEntries: 65536,
  preallocate: false,
})

/** The workloads of a part of a policy. */
export interface WorkloadSet {
  readonly selectors: WorkloadSelectors
  /** Cgroups of the containers selected by pod and container selectors. */
  readonly cgroups: MapSpec<bigint, number>
}

/** The workload sets of a policy; equal ones are shared. */
export class WorkloadSets {
  readonly #sets = new Map<string, WorkloadSet>()

  get(selectors: WorkloadSelectors): WorkloadSet {
    const key = JSON.stringify(
      ['podSelector', 'containerSelector'].map((name) => text(selectors[name as 'podSelector'])),
    )
    let set = this.#sets.get(key)
    if (!set) {
      const options = { key: u64, value: u8, maxEntries: 65536, preallocate: false } as const
      set = { selectors, cgroups: hashMap('tg_workloads', options) }
      this.#sets.set(key, set)
    }
    return set
  }

  get all(): readonly WorkloadSet[] {
    return [...this.#sets.values()]
  }
}

/** The content of a selector, independent of its position. */
function text(selector: LabelSelector | undefined): string {
  if (!selector) return ''
  const { matchLabels, matchExpressions } = selector
  return JSON.stringify([Object.entries(matchLabels).sort(), matchExpressions])
}

function isEmpty(selector: LabelSelector | undefined): boolean {
  if (!selector) return false
  const { matchLabels, matchExpressions } = selector
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0
}

/** Whether selectors exclude anything: absent selectors do not, nor do three empty ones. */
export function restricts({ podSelector, containerSelector, hostSelector }: WorkloadSelectors) {
  const all = [podSelector, containerSelector, hostSelector]
  return all.some((selector) => selector !== undefined) && !all.every(isEmpty)
}

/** Whether the task belongs to one of the workloads. */
export function isWorkload(
  { k, task }: Hit,
  selectors: WorkloadSelectors,
  { workloads }: HookContext,
): Condition {
  const { podSelector, containerSelector, hostSelector } = selectors
  const { kn } = (task as Ptr<TaskStruct>).cgroups.dfl_cgrp
  const cgroup = kn.id
  const isOfPods = (): Condition => {
    if (!podSelector && !containerSelector) return never(k)
    // A selector without conditions on labels matches every pod.
    const everyPod = [podSelector, containerSelector].every((each) => !each || isEmpty(each))
    const map = everyPod ? podCgroups : workloads.get(selectors).cgroups
    return k.address(k.lookup(map, cgroup)).ne(0)
  }
  if (!hostSelector) return isOfPods()
  const isOfHost = k.address(k.lookup(podCgroups, cgroup)).eq(0)
  return podSelector || containerSelector ? isOfHost.or(isOfPods) : isOfHost
}

/** matchWorkloads */
export const workloadsMatcher: Matcher = {
  conditions({ workloads }: Selector, hit, context) {
    if (!workloads || !restricts(workloads)) return []
    return [{ path: workloads.path, make: () => isWorkload(hit, workloads, context) }]
  },
}

/** The map that workload selectors share between policies, if the policy has any. */
export function mapsOfWorkloads(policy: Policy): readonly MapSpec[] {
  const ofSelectors = policy.hooks.flatMap(({ selectors }) =>
    selectors.flatMap(({ workloads }) => workloads ?? []),
  )
  return [policy, ...ofSelectors].some(restricts) ? [podCgroups as MapSpec] : []
}

/**
 * The workload selectors of the whole policy and their position; undefined if it applies to all.
 */
export function policyWorkloads(policy: Policy): {
  readonly path: string
  readonly workloads: WorkloadSelectors | undefined
} {
  const { podSelector, containerSelector, hostSelector } = policy
  const path = (podSelector ?? containerSelector ?? hostSelector)?.path ?? 'spec'
  return { path, workloads: restricts(policy) ? policy : undefined }
}
