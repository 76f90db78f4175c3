import type { Operation } from './attack.ts'

/** What tells an operation from others of the same program at the same hook. */
interface Selection {
  readonly args: string
  /** FILE stands for the file that is attacked. */
  readonly match: string
}

/** An operation that a policy can forbid. */
export interface Forbidden {
  readonly title: string
  readonly operation: Operation
  /** The LSM hook that decides about it. */
  readonly hook: string
  /** The function that calls the hook, if it is not named after it. */
  readonly function?: string
  readonly atHook?: Selection
  /** The system call. */
  readonly call: string
  readonly atCall?: Selection
  /**
   * Whether a process that gets a signal at the hook or at the call has the effect nevertheless;
   * `either`: that depends on the hook, but not on the attempt.
   */
  readonly signalIs: 'in time' | 'too late' | 'either' | 'not tested'
  /** Whether programs at cgroups decide about it, too. */
  readonly cgroup?: true
}

const file: Selection = {
  args: '{index: 0, type: file}',
  match: '{index: 0, operator: Equal, values: ["FILE"]}',
}
const ownFile: Selection = { ...file, match: file.match.replace('Equal', 'Prefix') }
const readOnly: Selection = {
  args: '{index: 2, type: int}',
  match: '{index: 2, operator: Equal, values: ["1"]}', // PROT_READ
}
const oneByte: Selection = {
  args: '{index: 2, type: size_t}',
  match: '{index: 2, operator: Equal, values: ["1"]}',
}
/** Standard output of the program is a Unix socket. */
const internet: Selection = {
  args: '{index: 0, type: socket}',
  match: '{index: 0, operator: Family, values: ["AF_INET"]}',
}
const [late, inTime] = [{ signalIs: 'too late' }, { signalIs: 'in time' }] as const

const files: readonly Forbidden[] = [
  {
    ...{ title: 'open a file and read it', operation: 'open', hook: 'file_open' },
    ...{ call: 'openat', ...inTime },
  },
  {
    ...{ title: 'read an open file', operation: 'open', hook: 'file_permission', atHook: file },
    ...{ call: 'read', ...late },
  },
  {
    ...{ title: 'map a file', operation: 'mmap', hook: 'mmap_file', atHook: file },
    ...{ call: 'mmap', atCall: readOnly, ...inTime },
  },
  {
    ...{ title: 'execute a program', operation: 'exec', hook: 'bprm_check_security' },
    ...{ function: 'security_bprm_check', call: 'execve', ...inTime },
  },
  {
    ...{ title: 'write to a file on a disk', operation: 'append', hook: 'file_permission' },
    ...{ atHook: ownFile, call: 'write', atCall: oneByte, signalIs: 'either' },
  },
  {
    ...{ title: 'truncate a file by its path', operation: 'truncate', hook: 'path_truncate' },
    ...{ call: 'truncate', ...late },
  },
  {
    ...{ title: 'rename a file', operation: 'rename', hook: 'inode_rename' },
    ...{ call: 'rename', ...late },
  },
  {
    ...{ title: 'make a hard link', operation: 'link', hook: 'inode_link' },
    ...{ call: 'link', ...late },
  },
  {
    ...{ title: 'make a symbolic link', operation: 'symlink', hook: 'inode_symlink' },
    ...{ call: 'symlink', ...late },
  },
  {
    ...{ title: 'remove a file', operation: 'unlink', hook: 'inode_unlink' },
    ...{ call: 'unlink', ...late },
  },
  {
    ...{ title: 'change the mode of a file', operation: 'chmod', hook: 'path_chmod' },
    ...{ call: 'chmod', ...late },
  },
  {
    ...{ title: 'change the owner of a file', operation: 'chown', hook: 'path_chown' },
    ...{ call: 'chown', ...late },
  },
  {
    ...{ title: 'set an extended attribute', operation: 'setxattr', hook: 'inode_setxattr' },
    ...{ call: 'setxattr', ...late },
  },
]

const sockets: readonly Forbidden[] = [
  {
    ...{ title: 'connect by TCP', operation: 'connect-own', hook: 'socket_connect' },
    ...{ call: 'connect', ...late, cgroup: true },
  },
  {
    ...{ title: 'bind a TCP port', operation: 'bind4', hook: 'socket_bind' },
    ...{ call: 'bind', ...inTime, cgroup: true },
  },
  {
    ...{ title: 'send a UDP message', operation: 'sendto', hook: 'socket_sendmsg' },
    ...{ atHook: internet, call: 'sendto', ...late },
  },
  {
    ...{ title: 'connect to a Unix socket', operation: 'connect-unix' },
    ...{ hook: 'unix_stream_connect', call: 'connect', ...late },
  },
  {
    ...{ title: 'listen', operation: 'listen', hook: 'socket_listen', call: 'listen' },
    ...inTime,
  },
  {
    ...{ title: 'create a raw socket', operation: 'raw', hook: 'socket_create' },
    ...{ call: 'socket', ...inTime },
  },
  {
    ...{ title: 'create a packet socket', operation: 'packet', hook: 'socket_create' },
    ...{ call: 'socket', ...inTime },
  },
]

const privileges: readonly Forbidden[] = [
  {
    ...{ title: 'change the user', operation: 'setuid', hook: 'task_fix_setuid' },
    ...{ call: 'setuid', ...inTime },
  },
  {
    ...{ title: 'change the group', operation: 'setgid', hook: 'task_fix_setgid' },
    ...{ call: 'setgid', ...inTime },
  },
  {
    ...{ title: 'set capabilities', operation: 'capset', hook: 'capset', call: 'capset' },
    ...inTime,
  },
  {
    ...{ title: 'make a user namespace', operation: 'unshare', hook: 'userns_create' },
    function: 'security_create_user_ns',
    ...{ call: 'unshare', ...inTime },
  },
  {
    ...{ title: 'trace another process', operation: 'ptrace', hook: 'ptrace_access_check' },
    ...{ call: 'ptrace', ...inTime },
  },
  {
    ...{ title: 'create a BPF map', operation: 'bpf', hook: 'bpf', call: 'bpf' },
    ...inTime,
  },
  {
    // The test loads nothing that the kernel would accept.
    ...{ title: 'load a module', operation: 'init-module', hook: 'kernel_load_data' },
    ...{ call: 'init_module', signalIs: 'not tested' },
  },
  {
    ...{ title: 'open a performance counter', operation: 'perf-event' },
    ...{ hook: 'perf_event_open', call: 'perf_event_open', ...inTime },
  },
  {
    ...{ title: 'mount a file system', operation: 'mount', hook: 'sb_mount', call: 'mount' },
    ...late,
  },
  {
    ...{ title: 'add a key', operation: 'add-key', hook: 'key_alloc', call: 'add_key' },
    ...late,
  },
]

export const forbidden: readonly Forbidden[] = [...files, ...sockets, ...privileges]
