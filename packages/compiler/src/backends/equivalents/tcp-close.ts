import { cgroupSockRelease, type Int } from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import { Sock } from '@tetragon-ts/sensors/kernel/sock'
import { byKernel } from '../../hook/refusal.ts'
import type { Equivalent } from './equivalent.ts'

const IPPROTO_TCP = 6

/** tcp_close(sk, timeout): the release of a TCP socket, right before the protocol closes it. */
export const tcpClose: Equivalent = {
  functions: ['tcp_close'],
  prototype: 'tcp_close(struct sock *sk, long timeout)',
  location: 'the cgroup hook for released sockets, which runs right before it',
  difference:
    'seen when the last descriptor of a TCP socket is closed, right before tcp_close; sockets that ' +
    'the kernel itself owns and closes are not seen; the timeout is unavailable',
  plan(_, kernel) {
    const refused = kernel.refuses('cgroup_sock')
    if (refused) return refused
    const { cgroupRoot } = kernel
    if (cgroupRoot === undefined) return byKernel('cgroup2 is not mounted')
    return {
      parameters: [0],
      enter: [
        {
          hook: cgroupSockRelease(cgroupRoot),
          hit(k, args) {
            const [protocol, sock] = args as [Int, Int]
            k.when(protocol.ne(IPPROTO_TCP), k.exit)
            return {
              k,
              task: currentTask(k),
              outsideExec: true,
              functionIndex: 0,
              parameter: (index) => (index === 0 ? k.cast(Sock, sock) : undefined),
            }
          },
        },
      ],
    }
  },
}
