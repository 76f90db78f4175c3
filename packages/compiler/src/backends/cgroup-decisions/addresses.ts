import {
  type AddressCall,
  type Bytes,
  type Code,
  cgroupSockAddr,
  type Hook,
  type Int,
  type SocketAddress,
} from '@tetragon-ts/ebpf/lang'
import { currentTask } from '@tetragon-ts/sensors/kernel/current-task'
import { Sock } from '@tetragon-ts/sensors/kernel/sock'
import type { Placement } from '../../hook-plans/hook-plan.ts'
import { plainAddress } from '../plain-address.ts'
import type { CgroupDecision } from './decision.ts'

export const connecting: CgroupDecision = {
  function: 'security_socket_connect',
  prototype: 'security_socket_connect(struct socket *sock, struct sockaddr *address, int addrlen)',
  at: 'BPF_CGROUP_INET4_CONNECT, INET6_CONNECT',
  needs: 'cgroup_sock_addr',
  ...only('TCP, UDP and ping sockets'),
  parameters: [0, 1, 2],
  placements: (cgroup) => [placementAt(cgroup, 'connect4'), placementAt(cgroup, 'connect6')],
}

export const binding: CgroupDecision = {
  function: 'security_socket_bind',
  prototype: 'security_socket_bind(struct socket *sock, struct sockaddr *address, int addrlen)',
  at: 'BPF_CGROUP_INET4_BIND, INET6_BIND',
  needs: 'cgroup_sock_addr',
  ...only('TCP and UDP sockets'),
  parameters: [0, 1, 2],
  placements: (cgroup) => [placementAt(cgroup, 'bind4'), placementAt(cgroup, 'bind6')],
}

/** Start of struct msghdr: include/linux/socket.h. */
const messageMembers = ['msg_name', 'msg_namelen']

export const sendingMessages: CgroupDecision = {
  function: 'security_socket_sendmsg',
  prototype: 'security_socket_sendmsg(struct socket *sock, struct msghdr *msg, int size)',
  at: 'BPF_CGROUP_UDP4_SENDMSG, UDP6_SENDMSG',
  needs: 'cgroup_sock_addr',
  ...only('UDP messages to an address'),
  parameters: [0, 1],
  members: { 1: messageMembers },
  placements: (cgroup) => [
    placementAt(cgroup, 'sendmsg4', true),
    placementAt(cgroup, 'sendmsg6', true),
  ],
}

function only(seen: string): Pick<CgroupDecision, 'difference' | 'weakness'> {
  return {
    difference: `only ${seen} of the Internet families are seen`,
    weakness: { short: `only ${seen}`, text: `it only sees ${seen} of the Internet families` },
  }
}

/** include/linux/socket.h */
const [AF_INET, AF_INET6] = [2, 10]
/** Sizes of struct sockaddr_in and sockaddr_in6: include/uapi/linux/in.h and in6.h. */
const sizes = { [AF_INET]: 16, [AF_INET6]: 28 }
const roomForAddress = 32
/** Of the members above. */
const roomForMessage = 16

function placementAt(cgroup: string, call: AddressCall, isMessage = false): Placement {
  const family = call.endsWith('4') ? AF_INET : AF_INET6
  return {
    hook: cgroupSockAddr(cgroup, call) as Hook,
    hit(k, args) {
      const [address] = args as [SocketAddress]
      // A message without an address goes to the one that the socket is connected to. No message
      // can be sent to port 0.
      if (isMessage) k.when(address.port.eq(0), k.exit)
      const memory = k.stackBytes(roomForAddress)
      for (let at = 0; at < roomForAddress; at += 8) memory.store(8, at, 0)
      memory.store(2, 0, family)
      memory.store(2, 2, address.port)
      const first = family === AF_INET ? 4 : 8
      for (const [i, word] of address.words.entries()) memory.store(4, first + 4 * i, word)
      const socket = k.cast(Sock, plainAddress(k, address.socket)).sk_socket
      const size = k.constant(sizes[family])
      const parameters = isMessage
        ? [socket, messageTo(k, memory, size)]
        : [socket, memory.address(), size]
      return {
        k,
        task: currentTask(k),
        outsideExec: true,
        functionIndex: 0,
        parameter: (index) => parameters[index],
      }
    },
  }
}

/** The address of a message on the stack, to this address. */
function messageTo(k: Code, address: Bytes, size: Int): Int {
  const message = k.stackBytes(roomForMessage)
  message.store(8, 0, address.address())
  message.store(8, 8, size)
  return message.address()
}
