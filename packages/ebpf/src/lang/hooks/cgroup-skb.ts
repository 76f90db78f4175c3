import { attachType, programType } from '../../asm/index.ts'
import { Int } from '../int.ts'
import type { Hook } from './hook.ts'

const directions = { ingress: attachType.cgroupInetIngress, egress: attachType.cgroupInetEgress }
export type PacketDirection = keyof typeof directions

/** Kinds of the hooks at packets. */
export const packetHookKinds = Object.keys(directions).map(kindOf)

function kindOf(direction: string): string {
  return `cgroup_${direction}`
}

/**
 * IP packets of the Internet sockets whose control group is a cgroup or below it: the address of
 * the packet (struct sk_buff, which is what the context is). Its member `sk` is the full socket.
 *
 * - egress: in ip_finish_output and ip6_finish_output, before fragmentation.
 * - ingress: in sk_filter_trim_cap, right before security_sock_rcv_skb, after reassembly.
 *
 * The result 1 lets a packet through, 0 drops it; the sender gets EPERM. Packets are also sent and
 * received in interrupts: the current task may be any. Kernel 5.7 (links of cgroups).
 * Source: __cgroup_bpf_run_filter_skb in kernel/bpf/cgroup.c.
 * @param cgroup folder of the cgroup (version 2)
 */
export function cgroupSkb(cgroup: string, direction: PacketDirection): Hook<[packet: Int]> {
  const attachType = directions[direction]
  return {
    kind: kindOf(direction),
    target: cgroup,
    result: 1,
    resolve: () => ({ programType: programType.cgroupSkb, attachType }),
    arguments: (builder) => [new Int(builder, builder.context)],
    attachment: { at: 'cgroup', folder: cgroup, type: attachType },
  }
}
