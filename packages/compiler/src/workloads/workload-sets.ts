import type { Hook, LabelSelector, Policy, WorkloadMatch } from '@tetragon-ts/policy'

// Sets of workloads that policies and selectors apply to. User space decides which control groups
// belong to a set; programs test a bit.

/** Workloads as selected by a policy or a selector. Plain data, sent to another thread. */
export interface WorkloadSelection {
  /** Namespace of the pods; empty: all. */
  readonly namespace: string
  readonly podSelector: LabelSelector | undefined
  readonly containerSelector: LabelSelector | undefined
  /** Whether processes outside of pods are selected. */
  readonly host: boolean
}

/** A set of workloads. */
export interface WorkloadSet {
  /** Sets with the same key select the same. */
  readonly key: string
  /** Index of its bit. */
  readonly number: number
  readonly selection: WorkloadSelection
}

type Selectors = Pick<WorkloadMatch, 'podSelector' | 'containerSelector' | 'hostSelector'>

/** The workloads of selectors; undefined if they exclude nothing. */
function selectionOf(selectors: Selectors, namespace: string): WorkloadSelection | undefined {
  const { podSelector, containerSelector, hostSelector } = selectors
  const all = [podSelector, containerSelector, hostSelector]
  const isAbsent = all.every((selector) => selector === undefined)
  if (namespace === '' && (isAbsent || all.every(isEmpty))) return undefined
  const host = hostSelector !== undefined
  return { namespace, podSelector, containerSelector, host }
}

/**
 * Whether pods are selected at all: with a host selector alone they are not.
 */
export function selectsPods(selection: WorkloadSelection): boolean {
  const { namespace, podSelector, containerSelector } = selection
  return namespace !== '' || podSelector !== undefined || containerSelector !== undefined
}

function isEmpty(selector: LabelSelector | undefined): boolean {
  if (!selector) return false
  const { matchLabels, matchExpressions } = selector
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0
}

/** The workloads of a policy and the position of their selector; undefined if it applies to all. */
export function policySelection(
  policy: Policy,
): { readonly path: string; readonly selection: WorkloadSelection } | undefined {
  const { podSelector, containerSelector, hostSelector, namespace } = policy
  const selection = selectionOf(policy, namespace)
  const path = (podSelector ?? containerSelector ?? hostSelector)?.path ?? 'spec'
  return selection && { path, selection }
}

/** The workloads of `matchWorkloads`; undefined if it excludes nothing. */
export function matchSelection(
  workloads: WorkloadMatch | undefined,
): WorkloadSelection | undefined {
  return workloads && selectionOf(workloads, '')
}

/** Whether a hook's programs test workloads. */
export function selectsWorkloads({ selectors }: Hook, policy: Policy): boolean {
  const ofSelectors = selectors.some(({ workloads }) => matchSelection(workloads))
  return ofSelectors || policySelection(policy) !== undefined
}

/** Workloads with the part of the policy that selects them: `spec`, or a selector of a hook. */
export interface SelectedBy {
  readonly path: string
  readonly selection: WorkloadSelection
}

/** All workloads that a policy distinguishes. */
export function selectionsOf(policy: Policy): readonly SelectedBy[] {
  const ofSelectors = policy.hooks.flatMap(({ path, selectors }) =>
    selectors.flatMap(({ workloads }, i) => {
      const selection = matchSelection(workloads)
      return selection ? [{ path: `${path}.selectors[${i}]`, selection }] : []
    }),
  )
  const ofPolicy = policySelection(policy)
  return ofPolicy ? [{ path: 'spec', selection: ofPolicy.selection }, ...ofSelectors] : ofSelectors
}

/** Assigns numbers: the same for the same key. @returns undefined if all are in use */
export type NumberWorkloads = (key: string) => number | undefined

/** The sets of workloads of a policy; equal ones are shared, also with other policies. */
export class WorkloadSets {
  readonly #sets = new Map<string, WorkloadSet>()

  /** @returns the sets of a policy; undefined if there are too many sets in use */
  static of(policy: Policy, numberOf: NumberWorkloads): WorkloadSets | undefined {
    const sets = new WorkloadSets()
    for (const { selection } of selectionsOf(policy)) {
      const key = keyOf(selection)
      const number = numberOf(key)
      if (number === undefined) return undefined
      sets.#sets.set(key, { key, number, selection })
    }
    return sets
  }

  get(selection: WorkloadSelection): WorkloadSet {
    const set = this.#sets.get(keyOf(selection))
    if (!set) throw new RangeError('workloads that the policy does not select')
    return set
  }

  get all(): readonly WorkloadSet[] {
    return [...this.#sets.values()]
  }
}

function keyOf(selection: WorkloadSelection): string {
  const { namespace, podSelector, containerSelector, host } = selection
  return JSON.stringify([namespace, content(podSelector), content(containerSelector), host])
}

/** The content of a selector, independent of its position. */
function content(selector: LabelSelector | undefined): unknown {
  if (!selector) return null
  const { matchLabels, matchExpressions } = selector
  return [Object.entries(matchLabels).sort(), matchExpressions]
}
