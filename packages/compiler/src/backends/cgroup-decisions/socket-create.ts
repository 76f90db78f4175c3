import { cgroupSocketCreate, type Hook, type SocketRequest } from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import type { CgroupDecision } from './decision.ts'

/** include/linux/socket.h */
const [AF_INET, AF_INET6] = [2n, 10n]

/**
 * Creation of sockets. The kernel makes the socket first, and a raw one can be given packets from
 * then on. If a program refuses, it is released before the process gets a descriptor.
 */
export const creatingSockets = {
  function: 'security_socket_create',
  prototype: 'security_socket_create(int family, int type, int protocol, int kern)',
  at: 'BPF_CGROUP_INET_SOCK_CREATE',
  needs: 'cgroup_sock',
  difference:
    'only sockets of the families AF_INET and AF_INET6 are seen; kern is 0; for protocol 0 the one ' +
    'that the kernel has chosen is given',
  weakness: {
    short: 'only Internet sockets',
    text: 'it only sees sockets of the families AF_INET and AF_INET6',
  },
  parameters: [0, 1, 2, 3],
  values: { 0: [AF_INET, AF_INET6], 3: [0n] },
  placements: (cgroup) => [
    {
      hook: cgroupSocketCreate(cgroup) as Hook,
      hit(k, args) {
        const [{ family, type, protocol }] = args as [SocketRequest]
        const parameters = [family, type, protocol, k.constant(0)]
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
} satisfies CgroupDecision
