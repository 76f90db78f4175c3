import { Sock } from '@tetragon-ts/sensors/kernel/sock'
import { asPointer } from '../hook/hit.ts'
import { byKernel, byPolicy, type Refusal } from '../hook/refusal.ts'
import type { HookPlan } from '../hook-plans/hook-plan.ts'
import type { HookTarget } from '../hook-plans/hook-target.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'

// Hooks at packets: the current task may be any, so hits belong to a socket instead.

/** Why the current task at packets need not be the one that acts. */
export const anyTaskAtPackets =
  'packets are also sent and received in interrupts and by other processes'

/** Why a policy cannot decide about packets by their socket; undefined if it can. */
export function notBySocket(
  { aboutProcess, selectsWorkloads }: HookTarget,
  { hierarchy }: Pick<KernelView, 'hierarchy'>,
): Refusal | undefined {
  if (aboutProcess.length > 0) {
    return byPolicy(
      `${aboutProcess.join(' and ')} would be about the current process, which need not be the ` +
        'one that sends or receives the packet; hook security_socket_connect to decide by the ' +
        'process; TrackSock there adds the process of a socket to events',
    )
  }
  if (selectsWorkloads && hierarchy.version === 1) {
    return byKernel('sockets have no version 1 control groups, which containers have here')
  }
  return undefined
}

/** Functions at packets, and LSM hooks, whose first parameter is the socket that receives. */
const receiving = new Set(['security_sock_rcv_skb', 'bpf_lsm_socket_sock_rcv_skb'])

/** A plan that decides, so that hits at packets belong to their socket. */
export function bySocket(
  plan: HookPlan,
  target: HookTarget,
  kernel: Pick<KernelView, 'hierarchy'>,
): HookPlan | Refusal {
  const [{ symbol }] = target.functions
  if (!receiving.has(symbol)) return plan
  const refused = notBySocket(target, kernel)
  if (refused) return refused
  const enter = plan.enter.map((placement): HookPlan['enter'][number] => ({
    ...placement,
    hit(k, args, end) {
      const hit = placement.hit(k, args, end)
      const first = hit.parameter(0)
      return first ? { ...hit, socket: asPointer(k, first, Sock) } : hit
    },
  }))
  return { ...plan, enter, anyTask: anyTaskAtPackets }
}
