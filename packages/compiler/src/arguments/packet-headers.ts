import type { Bytes, Code, Condition, Int, Variable } from '@tetragon-ts/ebpf/lang'

const AF_INET = 2
const AF_INET6 = 10

/** include/uapi/linux/ip.h, include/uapi/linux/ipv6.h: sizes and offsets of headers. */
export const ip4 = {
  size: 20,
  fragment: 6,
  offsetMask: 0x1fff,
  protocol: 9,
  source: 12,
  destination: 16,
} as const
export const ip6 = { size: 40, next: 6, source: 8, destination: 24 } as const

/** Protocols whose header starts with the two ports: TCP, UDP, DCCP, SCTP, UDP-Lite. */
const withPorts = [6, 17, 33, 132, 136]

/** IPv6 extension headers: hop by hop, routing, destination options; fragment; authentication. */
const ip6Options = [0, 43, 60]
const ip6Fragment = 44
const ip6Authentication = 51
const extensionsMax = 8

/** Fields from the headers of an IP packet; all 0 for any other packet. */
export interface PacketHeaders {
  readonly family: Int
  readonly protocol: Int
  readonly sourcePort: Int
  readonly destinationPort: Int
  /** Four words each, as in memory; IPv4 uses the first. */
  readonly source: readonly Int[]
  readonly destination: readonly Int[]
}

/**
 * Reads the headers of a packet.
 * @param head start of the packet's memory
 * @param network offset of the IP header
 */
export function readHeaders(k: Code, head: Int, network: Int): PacketHeaders {
  const family = k.variable(0)
  const protocol = k.variable(0)
  const source = [0, 0, 0, 0].map((zero) => k.variable(zero))
  const destination = [0, 0, 0, 0].map((zero) => k.variable(zero))
  /** Address of the ports; 0 if there are none. */
  const transport = k.variable(0)
  const start = head.add(network)
  const header = k.stackBytes(ip6.size)
  for (let at = 0; at < ip6.size; at += 8) header.store(8, at, 0)
  k.readKernel(header, ip6.size, start)
  const version = header.load(1).shiftRight(4)
  k.when(
    version.eq(4),
    () => {
      family.set(AF_INET)
      protocol.set(header.load(1, ip4.protocol))
      source[0].set(header.load(4, ip4.source))
      destination[0].set(header.load(4, ip4.destination))
      // Only the first fragment has the ports.
      const offset = header.load(2, ip4.fragment).swapBytes(16).and(ip4.offsetMask)
      k.when(offset.eq(0), () => transport.set(start.add(header.load(1).and(15).shiftLeft(2))))
    },
    () =>
      k.when(version.eq(6), () => {
        family.set(AF_INET6)
        protocol.set(header.load(1, ip6.next))
        words(source, header, ip6.source)
        words(destination, header, ip6.destination)
        transport.set(start.add(ip6.size))
        skipExtensions(k, protocol, transport)
      }),
  )
  const ports = k.stackBytes(8)
  ports.store(8, 0, 0)
  const hasPorts = transport.ne(0).and(() => startsWithPorts(protocol))
  k.when(hasPorts, () => k.readKernel(ports, 4, transport))
  return {
    family,
    protocol,
    source,
    destination,
    sourcePort: ports.load(2, 0).swapBytes(16),
    destinationPort: ports.load(2, 2).swapBytes(16),
  }
}

function isOneOf(value: Int, [first, ...others]: readonly number[]): Condition {
  return others.reduce<Condition>((all, one) => all.or(() => value.eq(one)), value.eq(first))
}

function words(to: readonly Variable[], header: Bytes, at: number): void {
  to.forEach((word, i) => {
    word.set(header.load(4, at + 4 * i))
  })
}

/** Whether the header of a protocol starts with two ports. */
export function startsWithPorts(protocol: Int): Condition {
  return isOneOf(protocol, withPorts)
}

/** Whether a protocol is an IPv6 extension header that is skipped. */
export function isExtension(protocol: Int): Condition {
  return isOneOf(protocol, [...ip6Options, ip6Fragment, ip6Authentication])
}

/**
 * Skips IPv6 extension headers.
 * @param protocol of the first header; after it, of the first that is not skipped
 * @param transport address of the same header
 * @param visit gets the kind and the first 8 bytes of each
 */
export function skipExtensions(
  k: Code,
  protocol: Variable,
  transport: Variable,
  visit: (kind: Int, head: Bytes) => void = () => {},
): void {
  k.loop(extensionsMax, (_, leave) => {
    const kind = protocol.now()
    k.unless(isExtension(kind), leave)
    const head = k.stackBytes(8)
    head.store(8, 0, 0)
    k.readKernel(head, 8, transport)
    visit(kind, head)
    protocol.set(head.load(1, 0))
    const size = k.variable(8)
    k.when(kind.ne(ip6Fragment), () => {
      const units = head.load(1, 1)
      k.when(
        kind.eq(ip6Authentication),
        () => size.set(units.add(2).shiftLeft(2)),
        () => size.set(units.add(1).shiftLeft(3)),
      )
    })
    transport.set(transport.add(size))
    const isLaterFragment = kind
      .eq(ip6Fragment)
      .and(() => head.load(2, 2).swapBytes(16).and(0xfff8).ne(0))
    k.when(isLaterFragment, () => {
      transport.set(0)
      leave()
    })
  })
}
