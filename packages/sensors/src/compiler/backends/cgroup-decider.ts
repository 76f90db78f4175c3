import {
  type AddressCall,
  cgroupSockAddr,
  type Hook,
  type SocketAddress,
} from '@tetragon-ts/ebpf/lang'
import { Sock } from '../arguments/sock.ts'
import { type Backend, namesOf, type Placement } from './backend.ts'
import { currentTask } from './current-task.ts'
import { planCaller } from './lsm.ts'
import { notForTarget, notPermitted } from './permitted-means.ts'
import { plainAddress } from './plain-address.ts'
import { byKernel, byPolicy } from './refusal.ts'

interface Decided {
  readonly calls: readonly AddressCall[]
  /** Those of which programs see the call. */
  readonly sockets: string
}

/** Functions of which programs at cgroups see calls, before they have an effect. */
const decided: ReadonlyMap<string, Decided> = new Map([
  [
    'security_socket_connect',
    { calls: ['connect4', 'connect6'], sockets: 'TCP, UDP and ping sockets' },
  ],
  ['security_socket_bind', { calls: ['bind4', 'bind6'], sockets: 'TCP and UDP sockets' }],
])

/**
 * Programs at the root of the version 2 cgroup hierarchy, at connect and bind: they need neither
 * kprobes nor trampolines. They do not see all kinds of sockets, so the policy has to ask for them.
 */
export const cgroupDecider: Backend = {
  name: 'cgroup',
  alone: true,
  plan(target, kernel) {
    const { section, functions } = target
    if (section === 'lsmhooks') return planCaller(cgroupDecider, target, kernel)
    const unsuitable = notForTarget('cgroup', target)
    if (unsuitable) return unsuitable
    const [{ symbol, shown }] = functions
    const found = decided.get(symbol)
    if (!found) return byPolicy(`no hook of cgroups decides about ${shown}`)
    const refused = kernel.refuses('cgroup_sock_addr')
    if (refused) return refused
    const { cgroupRoot } = kernel
    if (cgroupRoot === undefined) return byKernel('cgroup2 is not mounted')
    const { calls, sockets } = found
    const text = `it only sees ${sockets} of the Internet families`
    const forbidden = notPermitted('cgroup', target, text)
    if (forbidden) return forbidden
    return {
      backend: 'cgroup',
      why: 'its result decides before the operation',
      difference: `only ${sockets} of the Internet families are seen`,
      decides: 'cgroup',
      weakness: { short: `only ${sockets}`, text },
      enter: calls.map((call) => placementAt(cgroupRoot, call)),
      leave: [],
      parameters: [0, 1, 2],
      functionNames: namesOf(target),
    }
  },
}

/** include/linux/socket.h */
const [AF_INET, AF_INET6] = [2, 10]
/** Sizes of struct sockaddr_in and sockaddr_in6: include/uapi/linux/in.h and in6.h. */
const sizes = { [AF_INET]: 16, [AF_INET6]: 28 }
const roomForAddress = 32

function placementAt(cgroup: string, call: AddressCall): Placement {
  const family = call.endsWith('4') ? AF_INET : AF_INET6
  return {
    hook: cgroupSockAddr(cgroup, call) as Hook,
    hit(k, args) {
      const [address] = args as [SocketAddress]
      const memory = k.stackBytes(roomForAddress)
      for (let at = 0; at < roomForAddress; at += 8) memory.store(8, at, 0)
      memory.store(2, 0, family)
      memory.store(2, 2, address.port)
      const first = family === AF_INET ? 4 : 8
      for (const [i, word] of address.words.entries()) memory.store(4, first + 4 * i, word)
      const socket = k.cast(Sock, plainAddress(k, address.socket)).sk_socket
      return {
        ...{ k, task: currentTask(k), outsideExec: true, functionIndex: 0 },
        parameter: (index) => [socket, memory.address(), k.constant(sizes[family])][index],
      }
    },
  }
}
