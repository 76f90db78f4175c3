import { isIPv4, isIPv6 } from 'node:net'
import type { Network } from '../model/index.ts'
import { BadValue } from './bad-value.ts'

function ipv4Bytes(text: string): number[] {
  return text.split('.').map(Number)
}

function groupBytes(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return ipv4Bytes(group)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}

/** The 4 or 16 bytes of an address; undefined when it is none. Zones (`%eth0`) are none. */
function addressBytes(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(ipv4Bytes(text))
  if (!isIPv6(text) || text.includes('%')) return undefined
  const [before, after] = text.split('::')
  const head = groupBytes(before)
  const tail = groupBytes(after ?? '')
  const bytes = new Uint8Array(16)
  bytes.set(head)
  bytes.set(tail, 16 - tail.length)
  return bytes
}

/** Clears what lies beyond the first `bits` bits. */
function masked(address: Uint8Array, bits: number): Uint8Array {
  return address.map((byte, i) => {
    const kept = Math.min(Math.max(bits - i * 8, 0), 8)
    return byte & ((0xff << (8 - kept)) & 0xff)
  })
}

/** Reads an IPv4 or IPv6 address, or a network in CIDR form. */
export function readNetwork(text: string): Network | BadValue {
  const [written, length, ...rest] = text.split('/')
  const address = addressBytes(written)
  if (address === undefined || rest.length > 0) {
    return new BadValue(`${JSON.stringify(text)} is no IP address or network`)
  }
  const all = address.length * 8
  if (length === undefined) return { address, bits: all }
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  if (!(bits <= all)) {
    return new BadValue(`the prefix length of ${text} is not in the range 0 to ${all}`)
  }
  return { address: masked(address, bits), bits }
}
