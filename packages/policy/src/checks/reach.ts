import { actions } from '../actions/index.ts'
import type { Check } from '../arguments/check.ts'
import type { Hook, Policy } from '../model/index.ts'
import { takesAll } from './selectors.ts'

/** Hooks that every program passes when it starts, as in `call`. */
const programStarts: ReadonlySet<string> = new Set([
  ...['security_bprm_check', 'security_bprm_creds_for_exec', 'security_bprm_creds_from_file'],
  ...['security_bprm_committing_creds', 'security_bprm_committed_creds'],
  ...['bprm_check_security', 'bprm_creds_for_exec', 'bprm_creds_from_file'],
  ...['bprm_committing_creds', 'bprm_committed_creds'],
  ...['sched/sched_process_exec', 'syscalls/sys_enter_execve', 'sys_execve'],
])

const rawSyscalls = ['raw_syscalls/sys_enter', 'raw_syscalls/sys_exit', 'sys_enter', 'sys_exit']

/** What a hook without conditions is hit by. */
function reachOf({ section, call, list, user }: Hook): string {
  if (section === 'uprobes') return `every call of ${placesOf(user)} in ${user?.file}`
  if (section === 'usdts') return `every process that hits ${call} in ${user?.file}`
  if (programStarts.has(call.replace(/^__\w+?_(?=sys_)/, ''))) return 'every program that starts'
  if (list !== undefined) return `every process that calls a function of list:${list}`
  if (section !== 'tracepoints') return `every process that calls ${call}`
  if (rawSyscalls.includes(call)) return 'every process that makes a system call'
  return `every process that hits ${call}`
}

function placesOf(user: Hook['user']): string {
  const symbols = user?.symbols ?? []
  return symbols.length > 0 ? symbols.join(', ') : 'the probed code'
}

/** Warns about enforcing actions that nothing in the policy limits. */
export function checkReach(policy: Policy, { findings }: Check): void {
  const { podSelector, containerSelector, hostSelector, namespace, hooks } = policy
  // An invalid field may have been a condition.
  if (findings.failed || (podSelector ?? containerSelector ?? hostSelector) !== undefined) return
  const where = namespace === '' ? '' : ' in a pod of its namespace'
  for (const hook of hooks) {
    const [first] = hook.selectors
    // Selectors before the one that takes all are its exceptions.
    if (first === undefined || !takesAll(first)) continue
    const enforcing = [...first.actions, ...first.returnActions].find(
      ({ action }) => actions[action].effect === 'enforce',
    )
    if (enforcing === undefined) continue
    const message = `${enforcing.action} has no condition: it acts on ${reachOf(hook)}${where}`
    findings.warning(`${enforcing.path}.action`, 'POLICY_REACH', message)
  }
}
