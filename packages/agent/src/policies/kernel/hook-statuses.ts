import type { HookStatus } from '@tetragon-ts/api'
import { type CompiledHook, selectionsOf } from '@tetragon-ts/compiler'
import { whyNotInForce } from '@tetragon-ts/compiler/running-kernel'
import { enforces, type Hook, linkValues } from '@tetragon-ts/policy'
import type { LoadedPolicy } from './loaded-policy.ts'

type Loaded = Pick<LoadedPolicy, 'compiled' | 'mode' | 'inodesOf'>

/** What the agent knows of what policies depend on. */
interface Surroundings {
  /** Describes those of some values of `resolveLinks` that could not be resolved. */
  readonly unresolved: (values: readonly string[]) => string
  /** Whether the kernel skips programs at tracepoints that are preempted on the same CPU. */
  readonly skipsHits: boolean
}

/**
 * State of each hook of a policy, with its back ends and what is not in force.
 * @param holdsContainers whether the runtime waits with new containers until their pod is known
 */
export function hookStatuses(
  loaded: Loaded,
  holdsContainers: boolean,
  { unresolved, skipsHits }: Surroundings = { unresolved: () => '', skipsHits: false },
): readonly HookStatus[] {
  const { compiled, mode } = loaded
  const { document, hooks, notFound, canEnforce } = compiled
  const { policy } = document
  const called = policy.enforcers.flatMap((enforcer) => enforcer.hooks)
  const { unknownWorkloads } = policy.options
  const isEnforced = enforces(policy) && mode === 'enforce' && canEnforce
  const bySelectors = selectionsOf(policy).some(({ selection }) => selection.podSelector)
  const effect = unknownWorkloads === 'enforce' ? 'enforced' : 'not enforced'
  const ofPods =
    bySelectors && !holdsContainers ? `; new pods are ${effect} until their labels are known` : ''
  const waysOf = new Map<string, CompiledHook[]>()
  for (const way of hooks) {
    const { path } = way.planned.hook
    waysOf.set(path, [...(waysOf.get(path) ?? []), way])
  }
  const notThere = new Set(notFound.map((each) => each.hook.path))
  return [...policy.hooks, ...called].map((hook) => {
    const ways = waysOf.get(hook.path) ?? []
    const reasons = ways.map(({ planned: { plan } }) => whyNotInForce(plan))
    const backends = [...new Set(ways.map((way, i) => shown(way, reasons[i])))]
    const inForce = reasons.every((reason) => reason === undefined)
    const missing = notThere.has(hook.path)
    const found = missing ? 'STATUS_PARTIAL_CALL_NOT_FOUND' : 'STATUS_LOADED'
    const part = inForce ? found : 'STATUS_UNSPECIFIED'
    const acts = ways.some(({ planned }) => planned.extras.enforcement)
    const enforced = acts && isEnforced ? `${ofPods}${killsAtExec(hook, skipsHits)}` : ''
    const links = unresolved(linkValues({ hooks: [hook] }))
    const notResolved = links === '' ? '' : `; not resolved: ${links}`
    const notes = `${enforced}${attachedFiles(ways, loaded)}${notResolved}`
    const how = backends.length > 0 ? ` (${backends.join(', ')}${notes})` : ''
    return {
      section: hook.isEnforcer ? 'enforcers' : hook.section,
      state: ways.length > 0 ? part : 'STATUS_CALL_NOT_FOUND',
      hook_description: `${hook.call || hook.list}${how}`,
      hook_idx: hook.index,
    }
  })
}

/**
 * At this tracepoint, raw or not, the new program is complete, and the thread has not returned to
 * it: a signal is delivered first (exec_binprm in fs/exec.c).
 */
function killsAtExec({ call, selectors }: Hook, skipsHits: boolean): string {
  const actions = selectors.flatMap((selector) => selector.actions)
  const kills = actions.some(({ action }) => action === 'Sigkill')
  if (!kills || call !== 'sched/sched_process_exec') return ''
  const unless = skipsHits ? ', unless the kernel skips the exec: see possibly_missed' : ''
  return `; kills before the first instruction of the program${unless}`
}

/** How many files a hook in user space is attached to. */
function attachedFiles(ways: readonly CompiledHook[], loaded: Loaded): string {
  const inodes = ways.flatMap((way) => loaded.inodesOf(way) ?? [])
  if (ways.every((way) => loaded.inodesOf(way) === undefined)) return ''
  const files = new Set(inodes).size
  return files === 0 ? '; attached to no file yet' : files === 1 ? '' : ` in ${files} files`
}

/** The back end of a hook, with its weakness or why it is not in force. */
function shown({ planned: { plan } }: CompiledHook, reason: string | undefined): string {
  const { backend, weakness } = plan
  const short = reason === undefined ? weakness?.short : `not in force, ${reason}`
  return short === undefined ? backend : `${backend}: ${short}`
}
