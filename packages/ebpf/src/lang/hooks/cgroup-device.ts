import { attachType, programType } from '../../asm/index.ts'
import type { Int } from '../int.ts'
import { cgroupKinds } from './cgroup-kinds.ts'
import type { Hook } from './hook.ts'
import { loadContext } from './load-context.ts'

/** Offsets in struct bpf_cgroup_dev_ctx: include/uapi/linux/bpf.h. */
const offsets = { accessAndKind: 0, major: 4, minor: 8 }

/** What a process wants to do with a device. */
export interface DeviceAccess {
  /** 1 for block devices, 2 for character devices. */
  readonly kind: Int
  readonly major: Int
  readonly minor: Int
  /** Bits: 1 making a node, 2 reading, 4 writing. */
  readonly access: Int
}

/**
 * Access to devices by the processes in a cgroup and below: opening, making nodes, mounting,
 * access(2), that is all calls of devcgroup_check_permission in security/device_cgroup.c. Programs
 * of cgroups below do not replace those of the ones above. The result 1 lets it through, 0 fails it
 * with EPERM. Kernel 5.7.
 * @param cgroup folder of the cgroup (version 2)
 */
export function cgroupDevice(cgroup: string): Hook<[DeviceAccess]> {
  const at = attachType.cgroupDevice
  return {
    kind: cgroupKinds.device,
    target: cgroup,
    result: 1,
    resolve: () => ({ programType: programType.cgroupDevice, attachType: at }),
    arguments: (builder) => {
      const both = loadContext(builder, 4, offsets.accessAndKind)
      return [
        {
          kind: both.and(0xffff),
          major: loadContext(builder, 4, offsets.major),
          minor: loadContext(builder, 4, offsets.minor),
          access: both.shiftRight(16),
        },
      ]
    },
    attachment: { at: 'cgroup', folder: cgroup, type: at },
  }
}
