import { type Elements, type Int, kernelStruct, type Ptr } from '@tetragon-ts/ebpf/lang'

// The kernel structures that the process sensor reads, with the fields in use. A field with
// different names in different kernels has all of them in its declaration, the newest first. Widths
// and offsets come from the running kernel.

/** include/linux/sched.h */
export interface TaskStruct {
  readonly pid: Int
  readonly tgid: Int
  readonly flags: Int
  readonly exit_code: Int
  /** Not 0 while another process traces it. */
  readonly ptrace: Int
  readonly start_boottime: Int
  /** Incremented by each exec of the task. */
  readonly self_exec_id: Int
  /** Nesting of migrate_disable. Linux 5.11. */
  readonly migration_disabled: Int
  /** A bit: not 0 within execve(2). */
  readonly in_execve: Int
  readonly real_parent: Ptr<TaskStruct>
  readonly group_leader: Ptr<TaskStruct>
  readonly signal: Ptr<SignalStruct>
  readonly mm: Ptr<MmStruct>
  readonly fs: Ptr<FsStruct>
  readonly files: Ptr<FilesStruct>
  readonly cred: Ptr<Cred>
  readonly cgroups: Ptr<CssSet>
  readonly nsproxy: Ptr<NsProxy>
  readonly thread_pid: Ptr<Pid>
  /** By kind of pid: its places among the tasks that have the same one. */
  readonly pid_links: Elements<HlistNode>
  /** arch/x86/include/asm/thread_info.h, arch/arm64/include/asm/thread_info.h: flags. */
  readonly thread_info: { readonly status: Int; readonly flags: Int }
  /** Only where the kernel has auditing. */
  readonly loginuid: { readonly val: Int }
}
export const TaskStruct = kernelStruct<TaskStruct>('task_struct', {
  start_boottime: ['start_boottime', 'real_start_time'],
})

/** include/linux/sched/signal.h */
export interface SignalStruct {
  /** Threads that have not begun to exit. */
  readonly live: { readonly counter: Int }
  readonly flags: Int
  readonly group_exit_code: Int
  /** By kind of pid: those of the process, its group and its session. */
  readonly pids: Elements<Ptr<Pid>>
  /** The controlling terminal, or null. */
  readonly tty: Ptr<TtyStruct>
}

/** include/linux/tty.h */
export interface TtyStruct {
  /** `pts0`, with a terminating zero. */
  readonly name: object
}

/** include/linux/mm_types.h: locations of the arguments and the environment, and the executable. */
export interface MmStruct {
  readonly arg_start: Int
  readonly arg_end: Int
  readonly env_start: Int
  readonly env_end: Int
  readonly exe_file: Ptr<File>
}

/** include/linux/binfmts.h */
export interface LinuxBinprm {
  readonly filename: Int
  readonly file: Ptr<File>
  /** Personality bits to clear: not 0 if ids or capabilities were gained from the file. */
  readonly per_clear: Int
}

/** include/linux/fs.h */
export interface File {
  readonly f_inode: Ptr<Inode>
  readonly f_path: Path
  readonly f_flags: Int
  readonly f_mode: Int
  readonly private_data: Int
}
export const File = kernelStruct<File>('file')

/** include/linux/fdtable.h: the descriptors of a process. */
export interface FilesStruct {
  readonly fdt: Ptr<{
    readonly max_fds: Int
    /** Address of an array of addresses of files. */
    readonly fd: Int
  }>
}

/** include/linux/fs.h */
export interface Inode {
  readonly i_ino: Int
  readonly i_mode: Int
  readonly i_nlink: Int
  readonly i_sb: Ptr<{ readonly s_dev: Int; readonly s_magic: Int }>
}
export const Inode = kernelStruct<Inode>('inode')

/** kuid_t and kgid_t in include/linux/uidgid.h. */
export interface Id {
  readonly val: Int
}

/** include/linux/cred.h */
export interface Cred {
  readonly uid: Id
  readonly gid: Id
  readonly euid: Id
  readonly egid: Id
  readonly suid: Id
  readonly sgid: Id
  readonly fsuid: Id
  readonly fsgid: Id
  readonly securebits: Int
  readonly cap_permitted: KernelCap
  readonly cap_effective: KernelCap
  readonly cap_inheritable: KernelCap
  readonly user_ns: Ptr<UserNamespace>
}
export const Cred = kernelStruct<Cred>('cred')

/** include/linux/user_namespace.h */
export interface UserNamespace extends Namespace {
  readonly level: Int
  readonly owner: Id
  readonly group: Id
}
export const UserNamespace = kernelStruct<UserNamespace>('user_namespace')

/** kernel_cap_t in include/linux/capability.h: one 64-bit value since 6.3, two halves before. */
export interface KernelCap {
  readonly val: Int
  readonly cap: Elements<Int>
}

/** Every kind of namespace has its number in a member `ns`. */
export interface Namespace {
  readonly ns: { readonly inum: Int }
}

/** include/linux/nsproxy.h */
export interface NsProxy {
  readonly uts_ns: Ptr<Namespace>
  readonly ipc_ns: Ptr<Namespace>
  readonly mnt_ns: Ptr<Namespace>
  readonly pid_ns_for_children: Ptr<Namespace>
  readonly net_ns: Ptr<Namespace>
  readonly time_ns: Ptr<Namespace>
  readonly time_ns_for_children: Ptr<Namespace>
  readonly cgroup_ns: Ptr<Namespace>
}

/** include/linux/pid.h */
export interface Pid {
  /** Depth of the innermost pid namespace: 0 is the host's. */
  readonly level: Int
  readonly numbers: Elements<Upid>
  /** By kind of pid: the first of the tasks that have it. */
  readonly tasks: Elements<{ readonly first: Ptr<HlistNode> }>
}
export const Pid = kernelStruct<Pid>('pid')

/** include/linux/pid.h: the number of a pid in one namespace. */
export interface Upid {
  readonly nr: Int
  readonly ns: Ptr<PidNamespace>
}
export const Upid = kernelStruct<Upid>('upid')

/** include/linux/types.h: a link of a list. */
export type HlistNode = object
export const HlistNode = kernelStruct<HlistNode>('hlist_node')

/** include/linux/pid_namespace.h */
export interface PidNamespace extends Namespace {
  /** Its pids by number: a tree whose root may be a node. */
  readonly idr: { readonly idr_rt: { readonly xa_head: Int } }
}

/** include/linux/xarray.h: a node of a tree by number. */
export interface XaNode {
  /** Number of low bits of the index that are decided below this node. */
  readonly shift: Int
  /** Addresses with a tag in their low bits. */
  readonly slots: Elements<Int>
}
export const XaNode = kernelStruct<XaNode>('xa_node')

/** include/linux/cgroup-defs.h */
export interface CssSet {
  /** By controller: the groups of the version 1 hierarchies. */
  readonly subsys: Elements<Ptr<{ readonly cgroup: Ptr<Cgroup> }>>
  /** The group in the version 2 hierarchy. */
  readonly dfl_cgrp: Ptr<Cgroup>
}

/** include/linux/cgroup-defs.h */
export interface Cgroup {
  readonly kn: Ptr<KernfsNode>
  readonly root: Ptr<CgroupRoot>
}

/** include/linux/cgroup-defs.h */
export interface CgroupRoot {
  /** Number of the hierarchy, as in /proc/PID/cgroup. */
  readonly hierarchy_id: Int
}

/** include/linux/kernfs.h: a control group as a folder. */
export interface KernfsNode {
  readonly id: Int
  /** Address of its name. */
  readonly name: Int
  /** Null for the root. */
  readonly parent: Ptr<KernfsNode>
  /** Null if the node belongs to root and has the default mode. */
  readonly iattr: Ptr<KernfsIattrs>
}
export const KernfsNode = kernelStruct<KernfsNode>('kernfs_node', {
  parent: ['__parent', 'parent'],
})

/** fs/kernfs/kernfs-internal.h */
export interface KernfsIattrs {
  readonly ia_uid: { readonly val: Int }
}
export const KernfsIattrs = kernelStruct<KernfsIattrs>('kernfs_iattrs')

/** include/linux/fs_struct.h */
export interface FsStruct {
  readonly root: Path
  readonly pwd: Path
}
export const FsStruct = kernelStruct<FsStruct>('fs_struct')

/** include/linux/path.h */
export interface Path {
  readonly mnt: Ptr<object>
  readonly dentry: Ptr<Dentry>
}
export const Path = kernelStruct<Path>('path')

/** include/linux/dcache.h */
export interface Dentry {
  readonly d_hash: { readonly pprev: Int }
  readonly d_parent: Ptr<Dentry>
  readonly d_name: { readonly len: Int; readonly name: Int }
  readonly d_inode: Ptr<Inode>
}
export const Dentry = kernelStruct<Dentry>('dentry')

/** fs/mount.h: the structure around the vfsmount of a path. */
export interface Mount {
  readonly mnt_parent: Ptr<Mount>
  readonly mnt_mountpoint: Ptr<Dentry>
  readonly mnt: { readonly mnt_root: Ptr<Dentry>; readonly mnt_sb: Ptr<{ readonly s_flags: Int }> }
  /** Its namespace, null, or an error number. */
  readonly mnt_ns: Ptr<object>
}
export const Mount = kernelStruct<Mount>('mount')
