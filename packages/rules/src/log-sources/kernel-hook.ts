/** An argument of a hook, as policies write it. */
export interface HookArgument {
  readonly index: number
  readonly type: string
  readonly label?: string
  readonly resolve?: string
  /** It is read when the function returns. */
  readonly returnCopy?: boolean
}

/** A hook that policies for rules may have. */
export interface KernelHook {
  readonly args: readonly HookArgument[]
  /** Not on all kernels: others have no such calls. */
  readonly isNewer?: boolean
  /** Library with the function, of a hook in programs. */
  readonly path?: string
  /** The type of the return value, which is posted then. */
  readonly returns?: string
}

const name = (index: number, label = 'name'): HookArgument => ({ index, type: 'string', label })
const number = (index: number, label: string, type = 'int'): HookArgument => ({
  index,
  type,
  label,
})
const path = (index: number, label: string): HookArgument => ({ index, type: 'path', label })
const entry = (index: number, label: string): HookArgument => ({ index, type: 'dentry', label })
const descriptor = (index: number): HookArgument => ({ index, type: 'fd' })
const mode = (index: number): HookArgument => number(index, 'mode', 'uint32')

/** Arguments of the hooks by function, with the labels of the library's policies. */
export const kernelHooks = {
  security_file_open: {
    args: [
      { index: 0, type: 'file' },
      { index: 0, type: 'uint32', resolve: 'f_flags', label: 'flags' },
      { index: 0, type: 'uint16', resolve: 'f_inode.i_mode', label: 'mode' },
    ],
  },
  security_path_unlink: { args: [path(0, 'folder'), entry(1, 'file')] },
  security_path_rmdir: { args: [path(0, 'folder'), entry(1, 'file')] },
  security_path_rename: {
    args: [path(2, 'folder'), entry(3, 'file'), path(0, 'folder before'), entry(1, 'before')],
  },
  security_path_link: { args: [entry(0, 'before'), path(1, 'folder'), entry(2, 'file')] },
  security_path_symlink: { args: [path(0, 'folder'), entry(1, 'file'), name(2, 'target')] },
  security_path_truncate: { args: [path(0, 'file')] },
  // Since Linux 6.2 for files that are open.
  security_file_truncate: { args: [{ index: 0, type: 'file', label: 'file' }], isNewer: true },
  sys_unlink: { args: [name(0)] },
  sys_unlinkat: { args: [name(1)] },
  sys_rmdir: { args: [name(0)] },
  sys_rename: { args: [name(0), name(1, 'to')] },
  sys_renameat: { args: [name(1), name(3, 'to')] },
  sys_renameat2: { args: [name(1), name(3, 'to')] },
  sys_truncate: { args: [name(0)] },
  sys_open: { args: [name(0), number(1, 'flags')] },
  sys_openat: { args: [name(1), number(2, 'flags')] },
  sys_creat: { args: [name(0)] },
  sys_link: { args: [name(0, 'target'), name(1)] },
  sys_linkat: { args: [name(1, 'target'), name(3)] },
  sys_symlink: { args: [name(0, 'target'), name(1)] },
  sys_symlinkat: { args: [name(0, 'target'), name(2)] },
  sys_chmod: { args: [name(0), mode(1)] },
  sys_fchmod: { args: [descriptor(0), mode(1)] },
  sys_fchmodat: { args: [name(1), mode(2)] },
  sys_fchmodat2: { args: [name(1), mode(2)], isNewer: true },
  sys_setxattr: { args: [name(0), name(1, 'attribute')] },
  sys_lsetxattr: { args: [name(0), name(1, 'attribute')] },
  sys_fsetxattr: { args: [descriptor(0), name(1, 'attribute')] },
  sys_setxattrat: { args: [name(1), name(3, 'attribute')], isNewer: true },
  sys_ptrace: { args: [number(0, 'request', 'int64'), number(1, 'pid', 'int64')] },
  sys_process_vm_readv: { args: [number(0, 'pid')] },
  sys_process_vm_writev: { args: [number(0, 'pid')] },
  sys_init_module: { args: [number(1, 'size', 'size_t'), name(2, 'parameters')] },
  sys_finit_module: { args: [descriptor(0), name(1, 'parameters')] },
  sys_delete_module: { args: [name(0, 'module')] },
  sys_bpf: { args: [number(0, 'command')] },
  sys_socket: { args: [number(0, 'family'), number(1, 'type'), number(2, 'protocol')] },
  sys_setns: { args: [number(0, 'descriptor'), number(1, 'kind')] },
  sys_unshare: { args: [number(0, 'flags')] },
  sys_memfd_create: { args: [name(0), number(1, 'flags', 'uint32')] },
  sys_userfaultfd: { args: [number(0, 'flags')] },
  sys_io_uring_setup: { args: [number(0, 'entries', 'uint32')] },
  sys_keyctl: { args: [number(0, 'operation'), number(1, 'key')] },
  sys_add_key: { args: [name(0, 'type'), name(1, 'description')] },
  sys_kexec_load: { args: [number(3, 'flags', 'uint64')] },
  sys_kexec_file_load: { args: [number(4, 'flags', 'uint64')] },
  sys_personality: { args: [number(0, 'personality', 'uint32')] },
  sys_pidfd_getfd: { args: [number(1, 'descriptor')], isNewer: true },
  tcp_connect: { args: [{ index: 0, type: 'sock' }] },
  inet_csk_accept: { args: [], returns: 'sock' },
  pam_authenticate: { args: [], path: '/usr/lib/x86_64-linux-gnu/libpam.so.0', returns: 'int' },
  getaddrinfo: {
    args: [name(0), { index: 3, type: 'addrinfo', label: 'addresses', returnCopy: true }],
    path: '/usr/lib/x86_64-linux-gnu/libc.so.6',
    returns: 'int',
  },
} as const satisfies Record<string, KernelHook>

export type KernelHookName = keyof typeof kernelHooks

/** A hook by its name. */
export function kernelHook(hook: KernelHookName): KernelHook {
  return kernelHooks[hook]
}

/** Begins the names of policies that are made for rules; others must not have such names. */
export const rulePolicyPrefix = 'detection-rules-'

/** Name of the policy with a hook for rules. */
export function rulePolicyName(hook: KernelHookName): string {
  return rulePolicyPrefix + hook.replaceAll('_', '-')
}
