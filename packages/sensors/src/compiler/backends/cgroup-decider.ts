import {
  type AddressCall,
  type Bytes,
  type Code,
  cgroupSockAddr,
  type Hook,
  type Int,
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
  /** What programs see. */
  readonly seen: string
  /** Whether the parameter is a message to the address. */
  readonly isMessage?: true
}

/** Functions of which programs at cgroups see calls, before they have an effect. */
const decided: ReadonlyMap<string, Decided> = new Map([
  [
    'security_socket_connect',
    { calls: ['connect4', 'connect6'], seen: 'TCP, UDP and ping sockets' },
  ],
  ['security_socket_bind', { calls: ['bind4', 'bind6'], seen: 'TCP and UDP sockets' }],
  [
    'security_socket_sendmsg',
    { calls: ['sendmsg4', 'sendmsg6'], seen: 'UDP messages to an address', isMessage: true },
  ],
])

/**
 * Programs at the root of the version 2 cgroup hierarchy, where addresses are used: they need
 * neither kprobes nor trampolines. They do not see all kinds of sockets, so the policy has to ask
 * for them.
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
    const { calls, seen, isMessage } = found
    const text = `it only sees ${seen} of the Internet families`
    const forbidden = notPermitted('cgroup', target, text)
    if (forbidden) return forbidden
    return {
      backend: 'cgroup',
      why: 'its result decides before the operation',
      difference: `only ${seen} of the Internet families are seen`,
      decides: 'cgroup',
      weakness: { short: `only ${seen}`, text },
      enter: calls.map((call) => placementAt(cgroupRoot, call, isMessage)),
      leave: [],
      parameters: isMessage ? [0, 1] : [0, 1, 2],
      ...(isMessage && { members: { 1: messageMembers } }),
      functionNames: namesOf(target),
    }
  },
}

/** include/linux/socket.h */
const [AF_INET, AF_INET6] = [2, 10]
/** Sizes of struct sockaddr_in and sockaddr_in6: include/uapi/linux/in.h and in6.h. */
const sizes = { [AF_INET]: 16, [AF_INET6]: 28 }
const roomForAddress = 32
/** Start of struct msghdr: include/linux/socket.h. */
const messageMembers = ['msg_name', 'msg_namelen']
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
        ...{ k, task: currentTask(k), outsideExec: true, functionIndex: 0 },
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
