import { isIPv4 } from 'node:net'

/** The bytes of an IP address: 4 or 16, in network order. */
export function addressBytes(address: string): ArrayBuffer {
  const bytes = isIPv4(address) ? address.split('.').map(Number) : ofIPv6(address)
  return Uint8Array.from(bytes).buffer
}

function ofIPv6(address: string): number[] {
  // The URL parser writes an IPv4 address at the end as two groups, without leading zeros.
  const host = new URL(`http://[${address.replace(/%.*/, '')}]`).hostname.slice(1, -1)
  const [head = '', tail] = host.split('::')
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const [left, right] = [groups(head), groups(tail ?? '')]
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0)
  return [...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 0xff])
}
