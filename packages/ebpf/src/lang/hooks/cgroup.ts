import { attachType, programType } from '../../asm/index.ts'
import { Int } from '../int.ts'
import type { Hook } from './hook.ts'
import { loadContext } from './load-context.ts'

/** Places in struct bpf_sock_ops and struct bpf_sock: include/uapi/linux/bpf.h. */
const sockOpsPlaces = { op: 0, sk: 184 }
const sockPlaces = { protocol: 12 }
/** Places in struct bpf_sock_addr: include/uapi/linux/bpf.h. */
const addressPlaces = { ip4: 4, ip6: 8, port: 24, socket: 64 }

/**
 * Callbacks of TCP connections of the processes in a cgroup and below: the callback's number and
 * the address of its socket (0 if there is none). The program's result must be 1. Kernel 5.7.
 * @param cgroup folder of the cgroup (version 2)
 */
export function sockOps(cgroup: string): Hook<[op: Int, sock: Int]> {
  return {
    kind: 'sock_ops',
    target: cgroup,
    result: 1,
    resolve: () => ({ programType: programType.sockOps, attachType: attachType.cgroupSockOps }),
    arguments: (builder) => [
      loadContext(builder, 4, sockOpsPlaces.op),
      loadContext(builder, 8, sockOpsPlaces.sk),
    ],
    attachment: { at: 'cgroup', folder: cgroup, type: attachType.cgroupSockOps },
  }
}

/**
 * Release of the sockets of the processes in a cgroup and below: protocol, and the address of the
 * socket (struct sock, which is what the context is). The program's result must be 1. Kernel 5.9.
 * @param cgroup folder of the cgroup (version 2)
 */
export function cgroupSockRelease(cgroup: string): Hook<[protocol: Int, sock: Int]> {
  return {
    kind: 'cgroup_sock',
    target: cgroup,
    result: 1,
    resolve: () => ({
      programType: programType.cgroupSock,
      attachType: attachType.cgroupInetSockRelease,
    }),
    arguments: (builder) => [
      loadContext(builder, 4, sockPlaces.protocol),
      new Int(builder, builder.context),
    ],
    attachment: { at: 'cgroup', folder: cgroup, type: attachType.cgroupInetSockRelease },
  }
}

/** An Internet address that a process passes to a call: include/uapi/linux/bpf.h. */
export interface SocketAddress {
  /** 1 word for IPv4, 4 for IPv6, in network byte order. */
  readonly words: readonly Int[]
  /** In network byte order. */
  readonly port: Int
  /** The socket: a pointer to struct bpf_sock, which is struct sock. */
  readonly socket: Int
}

/** Calls of the processes in a cgroup whose addresses programs see before they are used. */
const addressCalls = {
  connect4: { attachType: attachType.cgroupInet4Connect, at: addressPlaces.ip4, words: 1 },
  connect6: { attachType: attachType.cgroupInet6Connect, at: addressPlaces.ip6, words: 4 },
  bind4: { attachType: attachType.cgroupInet4Bind, at: addressPlaces.ip4, words: 1 },
  bind6: { attachType: attachType.cgroupInet6Bind, at: addressPlaces.ip6, words: 4 },
  sendmsg4: { attachType: attachType.cgroupUdp4Sendmsg, at: addressPlaces.ip4, words: 1 },
  sendmsg6: { attachType: attachType.cgroupUdp6Sendmsg, at: addressPlaces.ip6, words: 4 },
}
export type AddressCall = keyof typeof addressCalls

/** Kinds of the hooks at these calls. */
export const addressHookKinds = Object.keys(addressCalls).map(kindOf)

function kindOf(call: string): string {
  return `cgroup_${call}`
}

/**
 * Calls by the processes in a cgroup and below, with the kernel's own copy of the address: connect
 * and bind of TCP and UDP sockets, connect of ping sockets (Linux 5.19), and messages of UDP
 * sockets to an address. On a connected socket, a message with options but no address has a zero
 * address and port: udp_sendmsg in net/ipv4/udp.c. The result 1 lets a call through, 0 fails it
 * with EPERM. Kernel 5.7.
 * @param cgroup folder of the cgroup (version 2)
 */
export function cgroupSockAddr(cgroup: string, call: AddressCall): Hook<[SocketAddress]> {
  const { attachType, at, words } = addressCalls[call]
  return {
    kind: kindOf(call),
    target: cgroup,
    result: 1,
    resolve: () => ({ programType: programType.cgroupSockAddr, attachType }),
    arguments: (builder) => [
      {
        words: Array.from({ length: words }, (_, i) => loadContext(builder, 4, at + 4 * i)),
        port: loadContext(builder, 4, addressPlaces.port),
        socket: loadContext(builder, 8, addressPlaces.socket),
      },
    ],
    attachment: { at: 'cgroup', folder: cgroup, type: attachType },
  }
}
