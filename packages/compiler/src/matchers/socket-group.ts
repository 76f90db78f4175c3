import { type Code, kernelStruct, type Ptr } from '@tetragon-ts/ebpf/lang'
import type { Sock } from '@tetragon-ts/sensors/kernel/sock'
import type { Cgroup } from '@tetragon-ts/sensors/kernel/types'

const CgroupStruct = kernelStruct<Cgroup>('cgroup')

/**
 * include/linux/cgroup-defs.h. Before Linux 5.15, `val` is the address, or numbers of version 1
 * controllers if one of its two lowest bits is set.
 */
kernelStruct<{ readonly cgroup: Ptr<Cgroup> }>('sock_cgroup_data', { cgroup: ['cgroup', 'val'] })
const flags = 3

/**
 * The control group of a socket in the version 2 hierarchy: that of the process which created it,
 * at that time. A null pointer stands for the root (sock_cgroup_ptr).
 */
export function cgroupOfSocket(k: Code, socket: Ptr<Sock>): Ptr<Cgroup> {
  const address = k.variable(k.address(socket.sk_cgrp_data.cgroup))
  k.when(address.and(flags).ne(0), () => address.set(0))
  return k.cast(CgroupStruct, address)
}
