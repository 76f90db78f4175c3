import { attachType, programType } from '../../asm/index.ts'
import type { Int } from '../int.ts'
import { cgroupKinds } from './cgroup-kinds.ts'
import type { Hook } from './hook.ts'
import { loadContext } from './load-context.ts'

/** Offsets in struct bpf_sock: include/uapi/linux/bpf.h. */
const offsets = { family: 4, type: 8, protocol: 12 }

/** The socket that a process asks for. */
export interface SocketRequest {
  /** AF_INET or AF_INET6. */
  readonly family: Int
  /** Without SOCK_CLOEXEC and SOCK_NONBLOCK. */
  readonly type: Int
  /** The one that the kernel has chosen if the process asks for 0. */
  readonly protocol: Int
}

/**
 * Creation of sockets of the Internet families by the processes in a cgroup and below, before they
 * get a descriptor; not of those that the kernel creates for itself: inet_create in
 * net/ipv4/af_inet.c. The result 1 lets it through, 0 fails it with EPERM. Kernel 5.7.
 * @param cgroup folder of the cgroup (version 2)
 */
export function cgroupSocketCreate(cgroup: string): Hook<[SocketRequest]> {
  const at = attachType.cgroupInetSockCreate
  return {
    kind: cgroupKinds.socketCreate,
    target: cgroup,
    result: 1,
    resolve: () => ({ programType: programType.cgroupSock, attachType: at }),
    arguments: (builder) => [
      {
        family: loadContext(builder, 4, offsets.family),
        type: loadContext(builder, 4, offsets.type),
        protocol: loadContext(builder, 4, offsets.protocol),
      },
    ],
    attachment: { at: 'cgroup', folder: cgroup, type: at },
  }
}
