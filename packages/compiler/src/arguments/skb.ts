import { type Code, type Int, kernelStruct, type Ptr } from '@tetragon-ts/ebpf/lang'
import { type Shape, u8, u16, u32 } from '@tetragon-ts/ebpf/records'
import { Sock } from '@tetragon-ts/sensors/kernel/sock'
import { asPointer } from '../hook/hit.ts'
import type { ArgumentType, SocketFacet } from './argument-type.ts'
import { formatAddress } from './network-address.ts'
import { familyName, protocolName } from './network-names.ts'
import { readHeaders } from './packet-headers.ts'
import { isMisleading } from './packet-route.ts'

/** include/linux/skbuff.h */
export interface SkBuff {
  readonly len: Int
  readonly mark: Int
  readonly priority: Int
  readonly hash: Int
  readonly head: Int
  /** EtherType, in network byte order. */
  readonly protocol: Int
  readonly network_header: Int
  /** End of its own memory, from `head` (64-bit kernels); what follows is in pages. */
  readonly tail: Int
  readonly sk: Ptr<Sock>
  readonly active_extensions: Int
  readonly extensions: Ptr<object>
}
export const SkBuff = kernelStruct<SkBuff>('sk_buff')
const SkbExt = kernelStruct<{ readonly offset: object }>('skb_ext')
const SecPath = kernelStruct<{ readonly len: Int; readonly olen: Int }>('sec_path')

const shape = {
  hash: u32,
  len: u32,
  priority: u32,
  mark: u32,
  s0: u32,
  s1: u32,
  s2: u32,
  s3: u32,
  d0: u32,
  d1: u32,
  d2: u32,
  d3: u32,
  sport: u16,
  dport: u16,
  family: u16,
  protocol: u8,
  padding: u8,
  secPathLen: u32,
  secPathOlen: u32,
} as const satisfies Shape

/** Extensions are at multiples of this size: SKB_EXT_CHUNKSIZEOF in net/core/skbuff.c. */
const extensionUnit = 8

/** Transformations (IPsec) that a packet went through. */
function securityPath(k: Code, skb: Ptr<SkBuff>): { len: Int; olen: Int } {
  const len = k.variable(0)
  const olen = k.variable(0)
  const kind = k.enumerator('SKB_EXT_SEC_PATH')
  if (kind !== undefined && k.hasField(SkBuff, 'extensions') && k.hasField(SkbExt, 'offset')) {
    k.when(skb.active_extensions.has(1 << kind), () => {
      const extensions = k.address(skb.extensions)
      const offsets = k.layout(SkbExt).member('offset')?.offset ?? 0
      const unit = k.loadKernel(1, extensions.add(offsets + kind))
      const path = k.cast(SecPath, extensions.add(unit.mul(extensionUnit)))
      len.set(path.len)
      olen.set(path.olen)
    })
  }
  return { len, olen }
}

/** A packet: fields of its headers. */
const skbType: ArgumentType<typeof shape> = {
  facets: ['family', 'protocol', 'state', 'sourcePort', 'destinationPort', 'source', 'destination'],
  expects: { kind: 'structure', names: ['sk_buff'] },
  shape,
  tailMax: 0,
  costly: true,
  read({ k, socket: ofHit }, raw) {
    const skb = asPointer(k, raw, SkBuff)
    // Read on demand: keeping all fields would take too much stack.
    const headers = () => readHeaders(k, skb.head, skb.network_header)
    const socket: SocketFacet = {
      get family() {
        return headers().family
      },
      get protocol() {
        return headers().protocol
      },
      get sourcePort() {
        return headers().sourcePort
      },
      get destinationPort() {
        return headers().destinationPort
      },
      get source() {
        return headers().source
      },
      get destination() {
        return headers().destination
      },
      /** Of the socket that it belongs to, if known. */
      get state() {
        return k.cast(Sock, k.address(skb.sk)).__sk_common.skc_state
      },
    }
    const fields = () => {
      const { len, priority, mark, hash } = skb
      const { family, protocol, source, destination, ...ports } = headers()
      const { sourcePort: sport, destinationPort: dport } = ports
      const [s0, s1, s2, s3] = source
      const [d0, d1, d2, d3] = destination
      const path = securityPath(k, skb)
      return {
        hash,
        len,
        priority,
        mark,
        s0,
        s1,
        s2,
        s3,
        d0,
        d1,
        d2,
        d3,
        sport,
        dport,
        family,
        protocol,
        padding: 0,
        secPathLen: path.len,
        secPathOlen: path.olen,
      }
    }
    // Where packets are decided about, headers that cannot be relied on do not let them pass.
    const incomplete = () => {
      const { head, network_header, tail, protocol } = skb
      return isMisleading(k, {
        start: head.add(network_header),
        end: head.add(tail),
        protocol: protocol.swapBytes(16),
      })
    }
    return { fields, socket, pointer: k.address(skb), ...(ofHit && { incomplete }) }
  },
  json(out, { fields }) {
    const { family, protocol } = fields
    const members: string[] = []
    const number = (name: string, value: number): void => {
      if (value !== 0) members.push(`"${name}":${value}`)
    }
    for (const name of ['hash', 'len', 'priority', 'mark'] as const) number(name, fields[name])
    number('sport', fields.sport)
    number('dport', fields.dport)
    number('proto', protocol)
    number('sec_path_len', fields.secPathLen)
    number('sec_path_olen', fields.secPathOlen)
    if (family !== 0) {
      const { s0, s1, s2, s3, d0, d1, d2, d3 } = fields
      members.push(
        `"saddr":"${formatAddress(family, s0, s1, s2, s3)}"`,
        `"daddr":"${formatAddress(family, d0, d1, d2, d3)}"`,
        `"protocol":"${protocolName(protocol)}"`,
        `"family":"${familyName(family)}"`,
      )
    }
    out.latin1(`"skb_arg":{${members.join()}}`)
  },
}

export const packetTypes = { skb: skbType }
