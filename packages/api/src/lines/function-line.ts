import type { KprobeArgument } from '../messages/kprobe-argument.ts'
import { argumentColumns } from './argument-columns.ts'
import type { KprobeBody } from './kprobe-format.ts'
import { withoutArchitecture } from './kprobe-lines.ts'

/** Functions that policies hook and that have no line of their own in Tetragon, by icon. */
const functions = {
  '📬':
    'security_file_open security_path_mkdir sys_memfd_create sys_creat sys_rename sys_renameat2 ' +
    'sys_link sys_linkat sys_symlink sys_symlinkat security_path_rename security_path_link ' +
    'security_path_symlink',
  '🔥': 'sys_unlink sys_unlinkat security_path_unlink',
  '📏': 'sys_truncate',
  '🚀': 'security_bprm_check security_bprm_creds_from_file',
  '🔑':
    'sys_setuid16 sys_setreuid sys_setreuid16 sys_setresuid sys_setresuid16 sys_chmod sys_fchmod ' +
    'sys_fchmodat sys_fchmodat2 sys_setxattr sys_lsetxattr sys_fsetxattr sys_setxattrat ' +
    'sys_keyctl sys_add_key',
  '💾': 'security_sb_mount sys_open_tree sys_open_tree_attr sys_mount_setattr',
  '🧩': 'sys_init_module sys_finit_module sys_delete_module',
  '🐝': 'sys_bpf',
  '🔧':
    'sys_unshare sys_ptrace sys_sethostname sys_reboot proc_sys_call_handler sys_userfaultfd ' +
    'sys_io_uring_setup sys_kexec_load sys_kexec_file_load sys_personality sys_pidfd_getfd ' +
    'sys_process_vm_writev',
  '⏰': 'sys_settimeofday',
  '🔌':
    'security_socket_connect security_socket_bind security_socket_sendmsg sys_socket ' +
    'inet_csk_listen_start ip_finish_output ip6_finish_output',
} as const

const icons = new Map(
  Object.entries(functions).flatMap(([icon, names]) => names.split(' ').map((it) => [it, icon])),
)

/** `📬 security_file_open default/xwing /usr/bin/cat /etc/shadow`: the name and all arguments. */
export function functionLine(
  functionName: string,
  args: readonly KprobeArgument[] | undefined,
): KprobeBody {
  const name = withoutArchitecture(functionName)
  return {
    icon: icons.get(name) ?? '❓',
    word: name.replace(/^sys_/, ''),
    columns: argumentColumns(args, true),
  }
}
