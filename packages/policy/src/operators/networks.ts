import { Address } from '../networks.ts'
import { BadValue } from './bad-value.ts'

/** Addresses with a common prefix. */
export interface Network {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array
  readonly bits: number
}

/** An IPv6 address whose last 32 bits are written as an IPv4 address. */
const mixed = /^(.*:)([\d.]+)$/

/** The same address without an IPv4 part at its end; other texts are unchanged. */
function inGroups(text: string): string {
  const [, head, tail] = mixed.exec(text) ?? []
  const last = tail?.includes('.') ? Address.parse(tail) : undefined
  if (last === undefined) return text
  return `${head}${(last.value >> 16n).toString(16)}:${(last.value & 0xffffn).toString(16)}`
}

/** The 4 or 16 bytes of an address; undefined if it is invalid. Zones (`%eth0`) are invalid. */
function addressBytes(text: string): Uint8Array | undefined {
  const address = Address.parse(inGroups(text))
  if (address === undefined) return undefined
  const count = address.bits / 8
  return Uint8Array.from({ length: count }, (_, i) =>
    Number((address.value >> BigInt((count - 1 - i) * 8)) & 0xffn),
  )
}

/** Clears the bits after the first `bits`. */
function masked(address: Uint8Array, bits: number): Uint8Array {
  return address.map((byte, i) => {
    const kept = Math.min(Math.max(bits - i * 8, 0), 8)
    return byte & ((0xff << (8 - kept)) & 0xff)
  })
}

/** Parses an IPv4 or IPv6 address, or a network in CIDR form. */
export function readNetwork(text: string): Network | BadValue {
  const [written, length, ...rest] = text.split('/')
  const address = addressBytes(written)
  if (address === undefined || rest.length > 0) {
    return new BadValue(`invalid IP address or network ${JSON.stringify(text)}`)
  }
  const all = address.length * 8
  if (length === undefined) return { address, bits: all }
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  if (!(bits <= all)) {
    return new BadValue(`the prefix length of ${text} is not in the range 0 to ${all}`)
  }
  return { address: masked(address, bits), bits }
}

/**
 * Whether an address in an event is in a network. Networks of IPv4 also have the IPv4-mapped
 * addresses of IPv6 sockets. Undefined if it is not an address.
 */
export function networkContains({ address, bits }: Network, text: string): boolean | undefined {
  const written = addressBytes(text)
  if (written === undefined) return undefined
  const isMapped = written.length === 16 && mappedPrefix.every((byte, i) => written[i] === byte)
  const bytes = isMapped && address.length === 4 ? written.subarray(12) : written
  if (bytes.length !== address.length) return false
  return masked(bytes, bits).every((byte, i) => byte === address[i])
}

/** Of IPv4-mapped addresses, ::ffff:a.b.c.d. */
const mappedPrefix = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
