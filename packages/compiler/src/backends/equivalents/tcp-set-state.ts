import { type Code, type Int, tpBtf } from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import { Sock } from '@tetragon-ts/sensors/kernel/sock'
import { asPointer, type Raw, untrusted } from '../../hook/hit.ts'
import { byKernel, type Refusal } from '../../hook/refusal.ts'
import type { HookTarget } from '../../hook-plans/hook-target.ts'
import type { KernelView } from '../../hook-plans/kernel-view.ts'
import type { Equivalent, EquivalentPlan } from './equivalent.ts'

// include/net/tcp_states.h, include/uapi/linux/in.h
const TCP_SYN_RECV = 3
const TCP_LISTEN = 10
const IPPROTO_TCP = 6

type StateChange = readonly [sock: Raw, before: Int, after: Int]

/** tcp_set_state(sk, state): the tracepoint inside it. */
export const tcpSetState: Equivalent = {
  functions: ['tcp_set_state'],
  prototype: 'tcp_set_state(struct sock *sk, int state)',
  location: 'the tracepoint inet_sock_set_state, which is hit inside it',
  difference: 'seen inside it, right before the state changes',
  plan: atStateChange('it is also hit in interrupts', [0, 1], ([, before, after], k) => {
    // Sockets that start to listen, and new ones of a listening socket, are not seen here.
    k.when(after.low32().eq(TCP_LISTEN), k.exit)
    k.when(before.low32().eq(TCP_LISTEN), () => k.when(after.low32().eq(TCP_SYN_RECV), k.exit))
  }),
}

/** inet_csk_listen_start(sk): the same tracepoint, for its state change. */
export const inetCskListenStart: Equivalent = {
  functions: ['inet_csk_listen_start'],
  prototype: 'inet_csk_listen_start(struct sock *sk)',
  location: 'the tracepoint inet_sock_set_state, which is hit inside it',
  difference: 'seen inside it, right before the socket listens; failed calls are not seen',
  plan: atStateChange(undefined, [0], ([, , after], k) => {
    k.when(after.low32().ne(TCP_LISTEN), k.exit)
  }),
}

function atStateChange(
  anyTask: string | undefined,
  parameters: readonly number[],
  only: (change: StateChange, k: Code) => void,
): (target: HookTarget, kernel: KernelView) => EquivalentPlan | Refusal {
  return (_, kernel) => {
    const refused = kernel.refuses('tp_btf')
    if (refused) return refused
    if (!kernel.btf.tracepointPrototype('inet_sock_set_state')) {
      return byKernel('no tracepoint inet_sock_set_state')
    }
    return {
      enter: [
        {
          hook: tpBtf('inet_sock_set_state'),
          hit(k, args) {
            const change = args as readonly unknown[] as StateChange
            const sock = untrusted(k, change[0])
            const after = change[2]
            k.when(asPointer(k, sock, Sock).sk_protocol.ne(IPPROTO_TCP), k.exit)
            only(change, k)
            return {
              k,
              task: currentTask(k),
              functionIndex: 0,
              parameter: (index) => (parameters.includes(index) ? [sock, after][index] : undefined),
            }
          },
        },
      ],
      parameters,
      anyTask,
    }
  }
}
