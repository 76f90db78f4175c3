import type { Code, Int, Variable } from '@tetragon-ts/ebpf/lang'
import { ip4, ip6, isExtension, skipExtensions, startsWithPorts } from './packet-headers.ts'

/** include/uapi/linux/if_ether.h */
const ETH_P_IP = 0x0800
const ETH_P_IPV6 = 0x86dd

/** Options of IPv4 in include/uapi/linux/ip.h: end, no operation, loose and strict routes. */
const [IPOPT_END, IPOPT_NOP, IPOPT_LSRR, IPOPT_SSRR] = [0, 1, 131, 137]
/** Maximum length of the options. */
const optionsMax = 40

/** IPv6 routing headers, and where they have the number of remaining segments (RFC 8200). */
const routing = { protocol: 43, remaining: 3 }
/** Sizes of what is read of an extension header, and of the ports. */
const [extensionHead, portsSize] = [8, 4]

/** A packet: the address of its IP header, and the end of the memory that has its headers. */
interface Packet {
  readonly start: Int
  readonly end: Int
  /** EtherType, in host byte order. */
  readonly protocol: Int
}

/**
 * 1 if the headers of a packet do not have the addresses and ports that count: it has a route with
 * further destinations, a version that is not that of its protocol, or headers that cannot be read.
 * Raw sockets send headers as they are written, also in pages, behind the packet's own memory;
 * there, only the kernel's protocol is certain.
 */
export function isMisleading(k: Code, { start, end, protocol }: Packet): Int {
  const result = k.variable(0)
  k.when(
    protocol.eq(ETH_P_IP).or(() => protocol.eq(ETH_P_IPV6)),
    () => result.set(1),
  )
  const first = k.variable(k.loadKernel(1, start))
  const version = first.shiftRight(4)
  const kind = k.variable(0)
  /** Address of the header that may have ports; 0 if it has none. */
  const transport = k.variable(0)
  const setIfBeyond = (size: number): void =>
    k.when(transport.add(size).gt(end), () => result.set(1))
  k.when(protocol.eq(ETH_P_IP), () =>
    k.when(version.eq(4), () => {
      const length = first.and(15).shiftLeft(2)
      k.when(length.ge(ip4.size), () => {
        result.set(0)
        const rest = length.sub(ip4.size)
        k.when(rest.ne(0), () => findRoute(k, start.add(ip4.size), rest, result))
        kind.set(k.loadKernel(1, start.add(ip4.protocol)))
        const offset = k.loadKernel(2, start.add(ip4.fragment)).swapBytes(16).and(ip4.offsetMask)
        k.when(offset.eq(0), () => transport.set(start.add(length)))
      })
    }),
  )
  k.when(protocol.eq(ETH_P_IPV6), () =>
    k.when(version.eq(6), () => {
      result.set(0)
      kind.set(k.loadKernel(1, start.add(ip6.next)))
      transport.set(start.add(ip6.size))
      skipExtensions(k, kind, transport, (each, head) => {
        setIfBeyond(extensionHead)
        const remaining = head.load(1, routing.remaining)
        k.when(each.eq(routing.protocol), () => k.when(remaining.ne(0), () => result.set(1)))
      })
      k.when(isExtension(kind), () => result.set(1))
    }),
  )
  k.when(
    transport.ne(0).and(() => startsWithPorts(kind)),
    () => setIfBeyond(portsSize),
  )
  return result
}

/** Sets the result to 1 if the options have a route, or end in the middle of one. */
function findRoute(k: Code, options: Int, length: Int, result: Variable): void {
  const at = k.variable(0)
  k.loop(optionsMax, (_, leave) => {
    k.when(at.ge(length), leave)
    const kind = k.variable(k.loadKernel(1, options.add(at)))
    k.when(kind.eq(IPOPT_END), leave)
    const size = k.variable(1)
    k.when(kind.ne(IPOPT_NOP), () => {
      size.set(k.loadKernel(1, options.add(at).add(1)))
      const isRoute = kind.eq(IPOPT_LSRR).or(() => kind.eq(IPOPT_SSRR))
      k.when(
        isRoute.or(() => size.lt(2)),
        () => {
          result.set(1)
          leave()
        },
      )
    })
    at.set(at.add(size))
  })
}
