import { cgroupSkb, type Hook, type Int, type PacketDirection } from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import { SkBuff } from '../../arguments/skb.ts'
import type { Placement } from '../../hook-plans/hook-plan.ts'
import { anyTaskAtPackets, notBySocket } from '../packet-subject.ts'
import { plainAddress } from '../plain-address.ts'
import type { CgroupDecision } from './decision.ts'

// Packets. Programs decide by the packet and its socket: the current task may be any, so what a
// policy would decide by it is refused.

const seen = 'packets of Internet sockets'

const common = {
  needs: 'cgroup_skb',
  difference: `only ${seen} are seen; the process is the owner of a tracked socket, or unknown`,
  weakness: {
    short: `only ${seen}`,
    text: `it only sees ${seen}: not those of packet sockets, tunnels, forwarding`,
  },
  anyTask: anyTaskAtPackets,
  refuses: notBySocket,
} as const

/** include/uapi/linux/if_ether.h */
const [ETH_P_IP, ETH_P_IPV6] = [0x0800, 0x86dd]

export const receivingPackets: CgroupDecision = {
  function: 'security_sock_rcv_skb',
  prototype: 'security_sock_rcv_skb(struct sock *sk, struct sk_buff *skb)',
  at: 'BPF_CGROUP_INET_INGRESS',
  ...common,
  parameters: [0, 1],
  placements: (cgroup) => [placementAt(cgroup, 'ingress', 0)],
}

export const sendingPackets4: CgroupDecision = {
  function: 'ip_finish_output',
  prototype: 'ip_finish_output(struct net *net, struct sock *sk, struct sk_buff *skb)',
  at: 'BPF_CGROUP_INET_EGRESS',
  ...common,
  parameters: [1, 2],
  placements: (cgroup) => [placementAt(cgroup, 'egress', 1, ETH_P_IP)],
}

export const sendingPackets6: CgroupDecision = {
  ...sendingPackets4,
  function: 'ip6_finish_output',
  prototype: 'ip6_finish_output(struct net *net, struct sock *sk, struct sk_buff *skb)',
  placements: (cgroup) => [placementAt(cgroup, 'egress', 1, ETH_P_IPV6)],
}

/**
 * @param first position of the socket among the parameters of the function; the packet is next
 * @param protocol EtherType of the function's packets: the kernel's, unlike the version in the
 *   header
 */
function placementAt(
  cgroup: string,
  direction: PacketDirection,
  first: number,
  protocol?: number,
): Placement {
  return {
    hook: cgroupSkb(cgroup, direction) as Hook,
    hit(k, args) {
      const [context] = args as [Int]
      const address = k.variable(plainAddress(k, context))
      const packet = k.cast(SkBuff, address)
      if (protocol !== undefined) k.when(packet.protocol.swapBytes(16).ne(protocol), k.exit)
      // The kernel sets it to the full socket while programs run.
      const socket = packet.sk
      return {
        k,
        task: currentTask(k),
        socket,
        outsideExec: true,
        functionIndex: 0,
        parameter: (index) => [socket, address][index - first],
      }
    },
  }
}
