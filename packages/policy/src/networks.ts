/** IP addresses and networks in filter expressions, as in Kubernetes' CEL libraries. */

type Bits = 32 | 128

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part)))
    return undefined
  if (!parts.every((part) => Number(part) < 256)) return undefined
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - (tail?.length ?? 0)
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...head, ...Array<string>(missing).fill('0'), ...(tail ?? [])]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
}

/** An IP address. */
export class Address {
  readonly bits: Bits
  readonly value: bigint

  constructor(bits: Bits, value: bigint) {
    this.bits = bits
    this.value = value
  }

  /** Undefined if the text is not an address. */
  static parse(text: string): Address | undefined {
    const isV6 = text.includes(':')
    const value = isV6 ? parseV6(text) : parseV4(text)
    return value === undefined ? undefined : new Address(isV6 ? 128 : 32, value)
  }

  /** Whether it is in a network of the same family. */
  isIn({ address, length }: Network): boolean {
    const shift = BigInt(address.bits - length)
    return this.bits === address.bits && this.value >> shift === address.value >> shift
  }
}

/** A network: an address with the number of bits that all its addresses share. */
export class Network {
  readonly address: Address
  readonly length: number

  constructor(address: Address, length: number) {
    this.address = address
    this.length = length
  }

  /** Undefined if the text is not a network. */
  static parse(text: string): Network | undefined {
    const [, before, digits] = /^([^/]*)\/(0|[1-9]\d{0,2})$/.exec(text) ?? []
    const address = before === undefined ? undefined : Address.parse(before)
    if (address === undefined || Number(digits) > address.bits) return undefined
    return new Network(address, Number(digits))
  }

  contains({ address, length }: Network): boolean {
    return length >= this.length && address.isIn(this)
  }
}

const networks = (texts: readonly string[]): readonly Network[] =>
  texts.flatMap((text) => Network.parse(text) ?? [])

export const loopback = networks(['127.0.0.0/8', '::1/128'])
export const unspecified = networks(['0.0.0.0/32', '::/128'])
export const linkLocal = networks(['169.254.0.0/16', 'fe80::/10'])
export const multicast = networks(['224.0.0.0/4', 'ff00::/8'])
export const broadcast = networks(['255.255.255.255/32'])
