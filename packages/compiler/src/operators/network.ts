import type { Condition, Int } from '@tetragon-ts/ebpf/lang'
import { lpmTrie, type MapSpec, withContent } from '@tetragon-ts/ebpf/maps'
import { u8 } from '@tetragon-ts/ebpf/records'
import type { Network } from '@tetragon-ts/policy'
import { prefixKey, prefixKeyHeader } from '../arguments/prefix-key.ts'
import { allOf, anyOf } from '../hook/any-of.ts'
import type { CodeContext } from '../hook/code-context.ts'
import type { Operator } from './operator.ts'
import { socketOf } from './socket.ts'

const AF_INET = 2
const AF_INET6 = 10
/** Third word of an IPv4-mapped IPv6 address, ::ffff:a.b.c.d, in memory order. */
const mappedWord = 0xffff0000

/** Up to this number, networks are compared one by one; more are looked up. */
const inlineMax = 8

const facets = { 'source-address': 'source', 'destination-address': 'destination' } as const

/**
 * Whether an address is in one of the networks. An IPv6 socket that uses IPv4 has IPv4-mapped
 * addresses: IPv4 networks are compared with the IPv4 address.
 */
const networkOperator: Operator<'source-address' | 'destination-address'> = {
  needs: ({ operator }) => facets[operator],
  condition([operand], { operator, networks }, context) {
    const { k } = context
    const socket = socketOf(operand)
    const { family } = socket
    const words = socket[facets[operator]] as readonly Int[]
    const v4 = networks.filter(({ address }) => address.length === 4)
    const v6 = networks.filter(({ address }) => address.length === 16)
    const conditions: (() => Condition)[] = []
    if (v4.length > 0) {
      const address = k.variable(words[0])
      const isV4 = k.variable(0)
      k.when(family.eq(AF_INET), () => isV4.set(1))
      k.when(family.eq(AF_INET6), () => {
        const isMapped = words[2].eq(mappedWord).and(words[0].or(words[1]).eq(0))
        k.when(isMapped, () => {
          isV4.set(1)
          address.set(words[3])
        })
      })
      conditions.push(() => isV4.ne(0).and(() => isInNetworks([address], v4, context)))
    }
    if (v6.length > 0) {
      conditions.push(() => family.eq(AF_INET6).and(() => isInNetworks(words, v6, context)))
    }
    return anyOf(k, conditions)
  },
}

function isInNetworks(
  words: readonly Int[],
  networks: readonly Network[],
  context: CodeContext,
): Condition {
  if (networks.length > inlineMax) return isInTrie(words, networks, context)
  return anyOf(
    context.k,
    networks.map((network) => () => isInNetwork(words, network, context)),
  )
}

/** Compares the network's bits, word by word. */
function isInNetwork(words: readonly Int[], network: Network, { k }: CodeContext): Condition {
  const pieces = words.flatMap((word, i) => {
    const mask = maskOf(Math.min(32, Math.max(0, network.bits - i * 32)))
    if (mask === 0) return []
    const { buffer, byteOffset } = network.address
    const wanted = (new DataView(buffer, byteOffset).getUint32(i * 4, true) & mask) >>> 0
    if (mask === 0xffff_ffff) return [() => word.eq(wanted)]
    return [() => word.and(mask).eq(wanted)]
  })
  return allOf(k, pieces)
}

/** The first bits of a word in network byte order. */
function maskOf(bits: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, bits === 0 ? 0 : 0xffff_ffff << (32 - bits))
  return view.getUint32(0, true)
}

function isInTrie(
  words: readonly Int[],
  networks: readonly Network[],
  { k }: CodeContext,
): Condition {
  const size = words.length * 4
  const maxEntries = networks.length
  const spec = withContent(
    lpmTrie('tg_networks', { key: prefixKey(size), value: u8, maxEntries }),
    networks.map(({ address, bits }) => [{ bits, data: address }, 1] as const),
  )
  const key = k.stackBytes(Math.ceil((prefixKeyHeader + size) / 8) * 8)
  key.store(4, 0, size * 8)
  words.forEach((word, i) => {
    key.store(4, prefixKeyHeader + i * 4, word)
  })
  return k.call('map_lookup_elem', spec as MapSpec, key).ne(0)
}

export const networkOperators = {
  'source-address': networkOperator,
  'destination-address': networkOperator,
}
