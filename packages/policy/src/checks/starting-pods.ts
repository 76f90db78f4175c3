import type { Check } from '../arguments/check.ts'
import type { Hook, Policy, Selector } from '../model/index.ts'

const signals: ReadonlySet<string> = new Set(['Sigkill', 'Signal'])

/** Hooks of execve: they are about the program that is to run, not the one that starts it. */
const atExec =
  /^(?:.*\/)?(?:(?:__\w+?_)?sys_(?:enter_)?execve(?:at)?|(?:security_)?bprm_\w+|sched_process_exec)$/

/**
 * Warns about signals for new pods. The container runtime works in the pod before the pod's first
 * program does: it mounts, opens files, changes its ids.
 */
export function checkStartingPods(
  { kind, podSelector, containerSelector, hooks }: Policy,
  { findings }: Check,
): void {
  const selects =
    podSelector ?? containerSelector ?? (kind === 'TracingPolicyNamespaced' || undefined)
  for (const hook of hooks) {
    if (inUserSpace(hook) || atExec.test(hook.call)) continue
    for (const selector of hook.selectors) {
      const { podSelector, containerSelector } = selector.workloads ?? {}
      if ((selects ?? podSelector ?? containerSelector) === undefined) continue
      if (selectsProcesses(selector)) continue
      const signal = [...selector.actions, ...selector.returnActions].find(({ action }) =>
        signals.has(action),
      )
      if (!signal) continue
      findings.warning(
        signal.path,
        'POLICY_STARTING_PODS',
        `${signal.action} also hits the container runtime while it prepares a container (runc ` +
          'init), so new pods may never start; spare it, for example by matchCapabilities ' +
          '(Permitted NotIn CAP_SYS_MODULE)',
      )
    }
  }
}

function inUserSpace({ user }: Hook): boolean {
  return user !== undefined
}

/** Whether conditions on the process can distinguish a program of the pod from the runtime. */
function selectsProcesses(selector: Selector): boolean {
  const { pids, binaries, parentBinaries, commandArguments, images } = selector
  const { capabilities, namespaces } = selector
  const programs = [binaries, parentBinaries, commandArguments, images]
  const all = [pids, ...programs, capabilities, namespaces]
  return all.some(({ length }) => length > 0)
}
