import { actions } from '../actions/index.ts'
import type { Check } from '../arguments/check.ts'
import type { Hook } from '../model/index.ts'
import type { ArgumentTypeName } from '../operators/argument-facts.ts'

/** Arguments of system calls that are in the memory of the process. */
const inProcess: ReadonlySet<ArgumentTypeName> = new Set<ArgumentTypeName>([
  ...(['string', 'char_buf', 'char_iovec', 'sockaddr', 'sockaddr_un'] as const),
])

/** Functions that get the kernel's own object, by system call without `sys_`. */
const safeHooks: ReadonlyMap<string, string> = new Map([
  ...of('security_file_open', 'open', 'openat', 'openat2', 'creat'),
  ...of('security_bprm_check', 'execve', 'execveat'),
  ...of('security_socket_connect', 'connect'),
  ...of('security_socket_bind', 'bind'),
  ...of('security_path_unlink', 'unlink', 'unlinkat'),
  ...of('security_path_rmdir', 'rmdir'),
  ...of('security_path_rename', 'rename', 'renameat', 'renameat2'),
  ...of('security_path_link', 'link', 'linkat'),
  ...of('security_path_symlink', 'symlink', 'symlinkat'),
  ...of('security_path_mkdir', 'mkdir', 'mkdirat'),
  ...of('security_path_mknod', 'mknod', 'mknodat'),
  ...of('security_path_chmod', 'chmod', 'fchmodat', 'fchmodat2'),
  ...of('security_path_chown', 'chown', 'lchown', 'fchownat'),
  ...of('security_path_truncate', 'truncate'),
  ...of('security_sb_mount', 'mount'),
])

function of(hook: string, ...calls: readonly string[]): (readonly [string, string])[] {
  return calls.map((call) => [call, hook])
}

/** The system call whose arguments a hook sees as the process passes them. */
function syscallOf({ section, call, syscall }: Hook): string | undefined {
  if (section === 'tracepoints') return /^syscalls\/sys_enter_(?:new)?(.+)$/.exec(call)?.[1]
  return syscall ? call.replace(/^.*\//, '').replace(/^(__\w+?_)?sys_/, '') : undefined
}

/** Warns about decisions that another thread of the process can evade. */
export function checkRacy(hook: Hook, { findings }: Check): void {
  const call = syscallOf(hook)
  if (call === undefined) return
  const isInProcess = (position: number): boolean => {
    const { named, source } = hook.data[position]
    return named !== undefined && source === undefined
  }
  for (const { args, expressions, actions: atEntry, returnActions } of hook.selectors) {
    const enforcing = [...atEntry, ...returnActions].find(
      ({ action }) => actions[action].effect !== 'observe',
    )
    const racy =
      [...args, ...expressions].find(({ positions }) =>
        positions.some((position) => inProcess.has(hook.args[position]?.type)),
      ) ?? expressions.find(({ dataPositions }) => dataPositions.some(isInProcess))
    if (!enforcing || !racy) continue
    const safe = safeHooks.get(call)
    const hint = safe === undefined ? '' : `; hook ${safe} instead`
    const message =
      `${enforcing.action} can be evaded: another thread can change the argument after the check` +
      hint
    findings.warning(racy.path, 'POLICY_RACY', message)
  }
}
