import type { CompiledPolicy } from '@tetragon-ts/compiler'
import type { Diagnostic, Hook, PolicyDocument } from '@tetragon-ts/policy'
import { filtersProcesses } from './filter-switch.ts'

/**
 * At the tracepoint of execs, process filters run before the program that reports the exec, and
 * hooks after it: only then the process is the new program, for their conditions and events.
 * Programs run in the order of their attachment. A filter moves the report to the end, and hooks
 * follow. Hooks of trace events cannot: the kernel keeps the place of the first one as long as
 * there is any.
 */
const tracepoint = 'sched_process_exec'

/** Whether hooks of a policy must run after the program that reports execs. */
export function hooksExecs({ document, hooks }: CompiledPolicy): boolean {
  if (filtersProcesses(document)) return false
  return hooks.some(({ programs }) => programs.some(({ hook }) => hook.target === tracepoint))
}

/** Refuses a process filter and a hook that would run before it, whichever comes second. */
export function findOrderConflict(
  document: PolicyDocument,
  others: readonly PolicyDocument[],
): Diagnostic | undefined {
  const filter = document.policy.hooks.find(({ section }) => section === 'processes')
  const hook = document.policy.hooks.find(isTraceEvent)
  const refuse = (path: string, other: PolicyDocument | undefined, does: string) =>
    other &&
    document.diagnose(
      path,
      'POLICY_CALL',
      `policy ${other.policy.name} ${does}: the hook would see the program before the exec; ` +
        'set raw: true',
    )
  if (filter !== undefined) {
    const other = others.find(({ policy }) => policy.hooks.some(isTraceEvent))
    return refuse(filter.path, other, `hooks sched/${tracepoint}`)
  }
  return hook && refuse(hook.path, others.find(filtersProcesses), 'filters process events')
}

function isTraceEvent({ section, call, raw }: Hook): boolean {
  return section === 'tracepoints' && !raw && call === `sched/${tracepoint}`
}
