import { attachType, programType } from '../../asm/index.ts'
import { Int } from '../int.ts'
import { cgroupKinds } from './cgroup-kinds.ts'
import type { Hook } from './hook.ts'
import { loadContext } from './load-context.ts'

/** Offsets in struct bpf_sysctl: include/uapi/linux/bpf.h. */
const offsets = { write: 0 }

/** A process that reads or writes a file in /proc/sys. */
export interface SysctlAccess {
  /** 1 for writing, 0 for reading. */
  readonly write: Int
  /** A pointer to struct bpf_sysctl_kern (include/linux/filter.h), which is what the context is. */
  readonly context: Int
}

/**
 * Reading and writing of sysctls by the processes in a cgroup and below, which the kernel's own
 * permissions allow: proc_sys_call_handler in fs/proc/proc_sysctl.c. The result 1 lets it through,
 * 0 fails it with EPERM. Kernel 5.7.
 * @param cgroup folder of the cgroup (version 2)
 */
export function cgroupSysctl(cgroup: string): Hook<[SysctlAccess]> {
  const at = attachType.cgroupSysctl
  return {
    kind: cgroupKinds.sysctl,
    target: cgroup,
    result: 1,
    resolve: () => ({ programType: programType.cgroupSysctl, attachType: at }),
    arguments: (builder) => [
      { write: loadContext(builder, 4, offsets.write), context: new Int(builder, builder.context) },
    ],
    attachment: { at: 'cgroup', folder: cgroup, type: at },
  }
}
