import { cgroupSocketOption, type Hook, type SocketOption } from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import { Sock } from '@tetragon-ts/sensors/kernel/sock'
import { plainAddress } from '../plain-address.ts'
import type { CgroupDecision } from './decision.ts'

/**
 * Options of sockets. The kernel does not run programs for 32-bit system calls: do_sock_setsockopt
 * in net/socket.c. On x86 any process can make these (`int 0x80`) if the kernel has them.
 */
export const settingSocketOptions: CgroupDecision = {
  function: 'security_socket_setsockopt',
  prototype: 'security_socket_setsockopt(struct socket *sock, int level, int optname)',
  at: 'BPF_CGROUP_SETSOCKOPT',
  needs: 'cgroup_sockopt',
  difference: '32-bit system calls are not seen',
  weakness: {
    short: 'not 32-bit system calls',
    text: 'it does not see 32-bit system calls, which 64-bit programs can make, too',
  },
  parameters: [0, 1, 2],
  placements: (cgroup) => [
    {
      hook: cgroupSocketOption(cgroup) as Hook,
      hit(k, args) {
        const [{ socket, level, name }] = args as [SocketOption]
        const parameters = [k.cast(Sock, plainAddress(k, socket)).sk_socket, level, name]
        return {
          k,
          task: currentTask(k),
          outsideExec: true,
          functionIndex: 0,
          parameter: (index) => parameters[index],
        }
      },
    },
  ],
}
