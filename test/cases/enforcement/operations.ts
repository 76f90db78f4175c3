import type { Operation } from './attack.ts'

/** Selects an operation among others that the same program makes at the same hook. */
export interface Selection {
  readonly args: string
  /** FILE stands for the file or program that is attacked. */
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
   * Whether processes that get a signal at the hook or at the call have the effect nevertheless;
   * `either`: that depends on the hook.
   */
  readonly signalIs: 'in time' | 'too late' | 'either' | 'not tested'
  /** Whether programs at cgroups decide about it, too. */
  readonly cgroup?: true
  /** Selects the file, if fanotify asks before the operation. */
  readonly asked?: Selection
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
const message = { atHook: internet, cgroup: true } as const
type Details = Pick<Forbidden, 'function' | 'atHook' | 'atCall' | 'cgroup' | 'asked'>

function row(
  title: string,
  operation: Operation,
  hook: string,
  call: string,
  signalIs: Forbidden['signalIs'],
  details: Details = {},
): Forbidden {
  return { title, operation, hook, call, signalIs, ...details }
}

const exec = {
  function: 'security_bprm_check',
  asked: { ...file, args: '{index: 0, type: linux_binprm}' },
}
const userNamespace = { function: 'security_create_user_ns' }
const write = { atHook: ownFile, atCall: oneByte }

const files: readonly Forbidden[] = [
  row('open a file and read it', 'open', 'file_open', 'openat', 'in time', { asked: file }),
  row('read an open file', 'open', 'file_permission', 'read', 'too late', { atHook: file }),
  row('map a file', 'mmap', 'mmap_file', 'mmap', 'in time', { atHook: file, atCall: readOnly }),
  row('execute a program', 'exec', 'bprm_check_security', 'execve', 'in time', exec),
  row('write to a file on a disk', 'append', 'file_permission', 'write', 'either', write),
  row('truncate a file by its path', 'truncate', 'path_truncate', 'truncate', 'too late'),
  row('rename a file', 'rename', 'inode_rename', 'rename', 'too late'),
  row('make a hard link', 'link', 'inode_link', 'link', 'too late'),
  row('make a symbolic link', 'symlink', 'inode_symlink', 'symlink', 'too late'),
  row('remove a file', 'unlink', 'inode_unlink', 'unlink', 'too late'),
  row('change the mode of a file', 'chmod', 'path_chmod', 'chmod', 'too late'),
  row('change the owner of a file', 'chown', 'path_chown', 'chown', 'too late'),
  row('set an extended attribute', 'setxattr', 'inode_setxattr', 'setxattr', 'too late'),
]

const sockets: readonly Forbidden[] = [
  row('connect by TCP', 'connect-own', 'socket_connect', 'connect', 'too late', { cgroup: true }),
  row('bind a TCP port', 'bind4', 'socket_bind', 'bind', 'in time', { cgroup: true }),
  row('send a UDP message', 'sendto', 'socket_sendmsg', 'sendto', 'too late', message),
  row('connect to a Unix socket', 'connect-unix', 'unix_stream_connect', 'connect', 'too late'),
  row('listen', 'listen', 'socket_listen', 'listen', 'in time'),
  row('create a raw socket', 'raw', 'socket_create', 'socket', 'in time', { cgroup: true }),
  row('create a packet socket', 'packet', 'socket_create', 'socket', 'in time'),
]

const privileges: readonly Forbidden[] = [
  row('change the user', 'setuid', 'task_fix_setuid', 'setuid', 'in time'),
  row('change the group', 'setgid', 'task_fix_setgid', 'setgid', 'in time'),
  row('set capabilities', 'capset', 'capset', 'capset', 'in time'),
  row('make a user namespace', 'unshare', 'userns_create', 'unshare', 'in time', userNamespace),
  row('trace another process', 'ptrace', 'ptrace_access_check', 'ptrace', 'in time'),
  row('create a BPF map', 'bpf', 'bpf', 'bpf', 'in time'),
  // The test loads nothing that the kernel would accept.
  row('load a module', 'init-module', 'kernel_load_data', 'init_module', 'not tested'),
  row('open a performance counter', 'perf-event', 'perf_event_open', 'perf_event_open', 'in time'),
  row('mount a file system', 'mount', 'sb_mount', 'mount', 'too late'),
  row('add a key', 'add-key', 'key_alloc', 'add_key', 'too late'),
]

export const forbidden: readonly Forbidden[] = [...files, ...sockets, ...privileges]
