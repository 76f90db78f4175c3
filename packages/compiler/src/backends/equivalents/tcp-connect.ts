import { type Hook, type Int, sockOps } from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import { Sock } from '@tetragon-ts/sensors/kernel/sock'
import { byKernel } from '../../hook/refusal.ts'
import type { Equivalent } from './equivalent.ts'

/** BPF_SOCK_OPS_TCP_CONNECT_CB in include/uapi/linux/bpf.h: the first call in tcp_connect. */
const tcpConnect = 3

/** tcp_connect(sk): its own callback for cgroup programs. */
export const tcpConnectEquivalent: Equivalent = {
  functions: ['tcp_connect'],
  prototype: 'tcp_connect(struct sock *sk)',
  location: 'the connect callback of sock_ops, which it calls first',
  difference:
    'seen in the callback for socket programs that tcp_connect itself makes, with the same socket; ' +
    'only for processes in the version 2 cgroup hierarchy: all of them where it is used',
  plan(_, kernel) {
    const refused = kernel.refuses('sock_ops')
    if (refused) return refused
    const { cgroupRoot } = kernel
    if (cgroupRoot === undefined) return byKernel('cgroup2 is not mounted')
    return {
      parameters: [0],
      enter: [
        {
          hook: sockOps(cgroupRoot) as Hook,
          hit(k, args) {
            const [op, sock] = args as [Int, Int]
            k.when(op.ne(tcpConnect), k.exit)
            k.when(sock.eq(0), k.exit)
            const tcp = k.call('skc_to_tcp_sock', sock)
            k.when(tcp.eq(0), k.exit)
            return {
              k,
              task: currentTask(k),
              outsideExec: true,
              functionIndex: 0,
              parameter: (index) => (index === 0 ? k.typed(Sock, tcp) : undefined),
            }
          },
        },
      ],
    }
  },
}
