import type { Code, Int, Variable } from '@tetragon-ts/ebpf/lang'
import { ip4, ip6, isExtension, skipExtensions } from './packet-headers.ts'

/** include/uapi/linux/if_ether.h */
const ETH_P_IP = 0x0800
const ETH_P_IPV6 = 0x86dd

/** Options of IPv4 in include/uapi/linux/ip.h: end, no operation, loose and strict routes. */
const [IPOPT_END, IPOPT_NOP, IPOPT_LSRR, IPOPT_SSRR] = [0, 1, 131, 137]
/** Maximum length of the options. */
const optionsMax = 40

/** IPv6 routing headers, and where they have the number of remaining segments (RFC 8200). */
const routing = { protocol: 43, remaining: 3 }

/**
 * 1 if the headers of a packet do not have the addresses and ports that count: it has a route with
 * further destinations, a version that is not that of its protocol, or headers that cannot be
 * walked. Raw sockets send headers as they are written; there, only the kernel's protocol is
 * certain.
 * @param start address of the IP header
 * @param protocol EtherType, in host byte order
 */
export function isMisleading(k: Code, start: Int, protocol: Int): Int {
  const result = k.variable(1)
  const first = k.variable(k.loadKernel(1, start))
  const version = first.shiftRight(4)
  k.when(protocol.eq(ETH_P_IP), () =>
    k.when(version.eq(4), () => {
      const length = first.and(15).shiftLeft(2)
      k.when(length.ge(ip4.size), () => {
        result.set(0)
        const rest = length.sub(ip4.size)
        k.when(rest.ne(0), () => findRoute(k, start.add(ip4.size), rest, result))
      })
    }),
  )
  k.when(protocol.eq(ETH_P_IPV6), () =>
    k.when(version.eq(6), () => {
      result.set(0)
      const kind = k.variable(k.loadKernel(1, start.add(ip6.next)))
      skipExtensions(k, kind, k.variable(start.add(ip6.size)), (each, head) => {
        const remaining = head.load(1, routing.remaining)
        k.when(each.eq(routing.protocol), () => k.when(remaining.ne(0), () => result.set(1)))
      })
      k.when(isExtension(kind), () => result.set(1))
    }),
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
