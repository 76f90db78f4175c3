import type { CompiledPolicy } from '@tetragon-ts/compiler'
import type { Diagnostic } from '@tetragon-ts/policy'
import { filtersProcesses } from './filter-switch.ts'

/**
 * At the tracepoint of execs, process filters run before the program that reports the exec, and
 * hooks after it: only then the process is the new program, for their conditions and events.
 * Programs run in the order of their attachment. A filter moves the report to the end, and hooks
 * follow. Hooks of the trace event, which is only used without tp_btf, cannot: the kernel keeps the
 * place of the first one as long as there is any.
 */
const tracepoint = 'sched_process_exec'

/** Whether hooks of a policy must run after the program that reports execs. */
export function hooksExecs({ document, hooks }: CompiledPolicy): boolean {
  if (filtersProcesses(document)) return false
  return hooks.some(({ programs }) => programs.some(({ hook }) => hook.target === tracepoint))
}

/** A policy whose back ends are known. */
export interface PlacedPolicy {
  readonly document: CompiledPolicy['document']
  readonly hooks: readonly {
    readonly planned: {
      readonly hook: { readonly path: string; readonly call: string }
      readonly plan: { readonly backend: string }
    }
  }[]
}

/** Refuses a process filter and a hook that would run before it, whichever comes second. */
export function findOrderConflict(
  { document, hooks }: PlacedPolicy,
  others: readonly PlacedPolicy[],
): Diagnostic | undefined {
  const filter = document.policy.hooks.find(({ section }) => section === 'processes')
  const refuse = (path: string, other: PlacedPolicy | undefined, does: string) =>
    other &&
    document.diagnose(
      path,
      'POLICY_CALL',
      `policy ${other.document.policy.name} ${does}: the hook would see the program before the ` +
        'exec; set raw: true',
    )
  if (filter !== undefined) {
    const other = others.find((each) => each.hooks.some(isTraceEvent))
    return refuse(filter.path, other, `hooks sched/${tracepoint}`)
  }
  const hook = hooks.find(isTraceEvent)?.planned.hook
  const other = others.find((each) => filtersProcesses(each.document))
  return hook && refuse(hook.path, other, 'filters process events')
}

function isTraceEvent({ planned: { hook, plan } }: PlacedPolicy['hooks'][number]): boolean {
  return plan.backend === 'tracepoint' && hook.call === `sched/${tracepoint}`
}
