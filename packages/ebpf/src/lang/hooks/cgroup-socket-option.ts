import { attachType, programType } from '../../asm/index.ts'
import type { Builder } from '../builder.ts'
import type { Int } from '../int.ts'
import { cgroupKinds } from './cgroup-kinds.ts'
import type { Hook } from './hook.ts'
import { loadContext } from './load-context.ts'

/** Offsets in struct bpf_sockopt: include/uapi/linux/bpf.h. */
const offsets = { socket: 0, level: 24, name: 28, length: 32 }
/** Smallest size of a page, the most that the kernel copies of an option. */
const pageSize = 4096

/** A socket option that a process sets. */
export interface SocketOption {
  /** A pointer to struct bpf_sock, which is struct sock. */
  readonly socket: Int
  readonly level: Int
  readonly name: Int
}

/**
 * Options of sockets of any family that the processes in a cgroup and below set, before they have
 * an effect. 32-bit system calls are not seen: do_sock_setsockopt in net/socket.c. The result 1
 * lets a call through, 0 fails it with EPERM. Kernel 5.8.
 * @param cgroup folder of the cgroup (version 2)
 */
export function cgroupSocketOption(cgroup: string): Hook<[SocketOption]> {
  const at = attachType.cgroupSetsockopt
  return {
    kind: cgroupKinds.socketOption,
    target: cgroup,
    result: 1,
    resolve: () => ({ programType: programType.cgroupSockopt, attachType: at }),
    arguments: (builder) => {
      keepLongValues(builder)
      return [
        {
          socket: loadContext(builder, 8, offsets.socket),
          level: loadContext(builder, 4, offsets.level),
          name: loadContext(builder, 4, offsets.name),
        },
      ]
    },
    attachment: { at: 'cgroup', folder: cgroup, type: at },
  }
}

/**
 * Has the kernel use the memory of the process for values longer than a page: it sets the length
 * to 0, which means that. Otherwise kernels before 6.5 fail with EFAULT, since they have copied a
 * page only (__cgroup_bpf_run_filter_setsockopt in kernel/bpf/cgroup.c). Shorter values stay as
 * other programs may have changed them, and so does -1, by which these handle the call themselves.
 */
function keepLongValues(builder: Builder): void {
  const length = loadContext(builder, 4, offsets.length).signed(32)
  // All ones if the value is not longer than a page, else 0.
  const isShort = length.sub(pageSize + 1).shiftRightSigned(63)
  const kept = length.and(isShort)
  const { context: base } = builder
  builder.emit({ op: 'store', size: 4, base, offset: offsets.length, src: kept.register })
}
