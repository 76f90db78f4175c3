import { addressFamilies, protocols, readNamed, tcpStates } from './named-numbers.ts'
import { type Network, readNetwork } from './networks.ts'
import { readPort, readRange } from './numbers.ts'
import type { Operator, OperatorFamily, Range, TestOf } from './operator.ts'

/** Values to compare sockets, packets and addresses with. */
export interface SocketTests {
  'source-address': { readonly networks: readonly Network[] }
  'destination-address': { readonly networks: readonly Network[] }
  /** SPortPriv and DPortPriv are the range 0 to 1023. */
  'source-port': { readonly ranges: readonly Range[] }
  'destination-port': { readonly ranges: readonly Range[] }
  protocol: { readonly values: readonly bigint[] }
  family: { readonly values: readonly bigint[] }
  state: { readonly values: readonly bigint[] }
}
type SocketTest = TestOf<SocketTests>
type Side = 'source' | 'destination'

/** A socket address (sockaddr) counts as source. */
const sides = { source: ['socket', 'address'], destination: ['socket'] } as const

const addressDoc = {
  values: 'addresses or networks of IPv4 and IPv6',
  meaning: 'The source or destination address is in a network.',
}
const portDoc = {
  values: 'ports or `MIN:MAX`',
  meaning: 'The source or destination port is one of the values.',
}
const privilegedDoc = { values: 'none', meaning: 'The port is below 1024.' }
const privilegedPorts: readonly Range[] = [[0n, 1023n]]

function addressOf(side: Side) {
  return {
    kinds: sides[side],
    count: 'some',
    doc: addressDoc,
    read: ({ all }): SocketTest => ({ operator: `${side}-address`, networks: all(readNetwork) }),
  } satisfies Operator
}

function portOf(side: Side) {
  return {
    kinds: sides[side],
    count: 'some',
    doc: portDoc,
    read({ all }): SocketTest {
      return { operator: `${side}-port`, ranges: all((text) => readRange(text, readPort, true)) }
    },
  } satisfies Operator
}

function privilegedPortOf(side: Side) {
  return {
    kinds: sides[side],
    count: 'none',
    doc: privilegedDoc,
    read: (): SocketTest => ({ operator: `${side}-port`, ranges: privilegedPorts }),
  } satisfies Operator
}

const [source, destination] = (['source', 'destination'] as const).map((side) => ({
  address: addressOf(side),
  port: portOf(side),
  privilegedPort: privilegedPortOf(side),
}))

/** An operator on a number of the socket with named values. */
function numberOf(
  operator: 'protocol' | 'family' | 'state',
  names: Readonly<Record<string, number>>,
  max: bigint,
) {
  return {
    kinds: ['socket'],
    count: 'some',
    read({ all }): SocketTest {
      return { operator, values: all((text) => readNamed(text, names, max)) }
    },
  } satisfies Omit<Operator, 'doc'>
}

export const socketOperators = {
  SAddr: { ...source.address, crdPosition: 20 },
  NotSAddr: { ...source.address, negated: true, crdPosition: 21 },
  SPort: { ...source.port, crdPosition: 12 },
  NotSPort: { ...source.port, negated: true, crdPosition: 13 },
  SPortPriv: { ...source.privilegedPort, crdPosition: 14 },
  NotSportPriv: {
    ...source.privilegedPort,
    negated: true,
    aliases: ['NotSPortPriv'],
    crdPosition: 15,
  },
  DAddr: { ...destination.address, crdPosition: 22 },
  NotDAddr: { ...destination.address, negated: true, crdPosition: 23 },
  DPort: { ...destination.port, crdPosition: 16 },
  NotDPort: { ...destination.port, negated: true, crdPosition: 17 },
  DPortPriv: { ...destination.privilegedPort, crdPosition: 18 },
  NotDPortPriv: { ...destination.privilegedPort, negated: true, crdPosition: 19 },
  Protocol: {
    ...numberOf('protocol', protocols, 0xffffn),
    doc: { values: 'numbers, `IPPROTO_TCP` …', meaning: 'The protocol of the socket.' },
    crdPosition: 24,
  },
  Family: {
    ...numberOf('family', addressFamilies, 0xffffn),
    kinds: ['socket', 'address', 'unix-address'],
    doc: { values: 'numbers, `AF_INET` …', meaning: 'The family of the address.' },
    crdPosition: 25,
  },
  State: {
    ...numberOf('state', tcpStates, 0xffn),
    doc: { values: 'numbers, `TCP_ESTABLISHED` …', meaning: 'The state of the TCP connection.' },
    crdPosition: 26,
  },
} satisfies OperatorFamily<SocketTests>
