import { isIPv6, type Socket } from 'node:net'

/**
 * The client of a connection: its address, of IPv6 the network, since a machine may have any number
 * of addresses there. Undefined: of a Unix socket.
 */
export function clientOf({ remoteAddress }: Socket): string | undefined {
  return remoteAddress === undefined ? undefined : networkOf(remoteAddress)
}

/** The network of a client that may use all of its addresses: of IPv6 the first 64 bits. */
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
