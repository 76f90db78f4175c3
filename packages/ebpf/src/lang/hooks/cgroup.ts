import { attachCgroup } from '../../links/index.ts'
import { attachType, programType } from '../../programs/index.ts'
import type { Builder } from '../builder.ts'
import { Int } from '../int.ts'
import type { Hook } from './hook.ts'

/** Places in struct bpf_sock_ops and struct bpf_sock: include/uapi/linux/bpf.h. */
const sockOpsPlaces = { op: 0, sk: 184 }
const sockPlaces = { protocol: 12 }

function load(builder: Builder, size: 4 | 8, offset: number): Int {
  const dst = builder.register()
  builder.emit({ op: 'load', dst, size, base: builder.context, offset })
  return new Int(builder, dst)
}

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
    resolve: () => ({
      programType: programType.sockOps,
      attachType: attachType.cgroupSockOps,
    }),
    arguments: (builder) => [
      load(builder, 4, sockOpsPlaces.op),
      load(builder, 8, sockOpsPlaces.sk),
    ],
    attach: (program) => attachCgroup(program, cgroup, attachType.cgroupSockOps),
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
      load(builder, 4, sockPlaces.protocol),
      new Int(builder, builder.context),
    ],
    attach: (program) => attachCgroup(program, cgroup, attachType.cgroupInetSockRelease),
  }
}
