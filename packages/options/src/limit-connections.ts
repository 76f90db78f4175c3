import { isIPv6, type Server, type Socket } from 'node:net'

/** Where a connection is from. */
interface Origin {
  readonly address: string
  /** Of IPv6 the first 64 bits: a machine may have any number of addresses below. */
  readonly network: string
}

/**
 * Limits the open connections of a server that anyone can reach: the oldest one of the client with
 * most of them gives way. Refusing new ones would let clients that do nothing keep out the probes
 * of the kubelet, and without regard to the client, a flood would end the connections of others.
 */
export function limitConnections(server: Server, max: number): void {
  const open = new Map<Socket, Origin>()
  server.on('connection', (socket) => {
    open.set(socket, originOf(socket.remoteAddress))
    socket.once('close', () => open.delete(socket))
    if (open.size > max) oldestOfLargest(open)?.destroy()
  })
}

/** The oldest connection of the address with most, in the network with most. */
function oldestOfLargest(open: ReadonlyMap<Socket, Origin>): Socket | undefined {
  const network = mostFrequent([...open.values()].map((origin) => origin.network))
  const inNetwork = [...open].filter(([, origin]) => origin.network === network)
  const address = mostFrequent(inNetwork.map(([, origin]) => origin.address))
  return inNetwork.find(([, origin]) => origin.address === address)?.[0]
}

/** The first one of those that occur most often. */
function mostFrequent(names: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return names.find((name) => counts.get(name) === most)
}

/** @param address undefined: of a Unix socket, whose clients cannot be distinguished */
function originOf(address = ''): Origin {
  return { address, network: networkOf(address) }
}

/** The network of a client that may use all of its addresses. */
export function networkOf(address: string): string {
  // IPv4 in IPv6, of a socket for both.
  if (!isIPv6(address) || address.includes('.')) return address
  const [head, tail] = address.replace(/%.*$/, '').split('::')
  const groups = head === '' ? [] : head.split(':')
  const rest = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length
  const all = [...groups, ...Array<string>(zeros).fill('0'), ...rest]
  return all.slice(0, 4).join(':')
}
