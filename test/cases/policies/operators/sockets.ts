import assert from 'node:assert/strict'
import type { Operand, SocketFacet } from '@tetragon-ts/compiler/testing'
import type { Bytes } from '@tetragon-ts/ebpf/lang'
import type { ArgumentTest, Network } from '@tetragon-ts/policy'
import fc from 'fast-check'
import type { PolicyCase } from '../policy-case.ts'
import { type OperatorModel, operand, type Subject, type Trial } from './operator-model.ts'

/** A case on the socket of tcp_connect; both ends are in the workload. */
function connectCase(
  operator: string,
  name: string,
  values: readonly string[],
  hit: readonly [host: string, port: string],
  miss: readonly [host: string, port: string],
  more: Partial<PolicyCase> = {},
): PolicyCase {
  const listed = values.map((value) => `"${value}"`).join(', ')
  return {
    name,
    covers: { kind: 'operator', name: operator },
    policy: `
kprobes:
- call: tcp_connect
  syscall: false
  args:
  - index: 0
    type: sock
  selectors:
  - matchArgs:
    - index: 0
      operator: ${operator}
${values.length > 0 ? `      values: [${listed}]` : ''}`,
    hit: ['tcp', ...hit, 'text'],
    miss: ['tcp', ...miss, 'text'],
    ...more,
  }
}

const here = ['127.0.0.1', '8081'] as const
const there = ['127.0.0.2', '8082'] as const
const v6 = ['::1', '8083'] as const

const networks = Array.from({ length: 40 }, (_, i) => `10.${i}.0.0/16`)
const networks6 = Array.from({ length: 40 }, (_, i) => `2001:db8:${i}::/48`)

/** A case whose socket does not match the operator: the other one does. */
function never(policyCase: PolicyCase): PolicyCase {
  const { miss: _, ...rest } = policyCase
  return { ...rest, count: 0 }
}

export const socketOperatorCases: readonly PolicyCase[] = [
  connectCase('DAddr', 'an address', ['127.0.0.1'], here, there, {
    expect({ args }) {
      assert.equal(args[0].sock_arg?.daddr, '127.0.0.1')
    },
  }),
  connectCase('DAddr', 'a network', ['10.0.0.0/8', '127.0.0.0/31'], here, there),
  connectCase('DAddr', 'of many networks', [...networks, '127.0.0.2/32'], there, here),
  connectCase('DAddr', 'IPv6', ['::1'], v6, here),
  connectCase('DAddr', 'of many IPv6 networks', [...networks6, '::/64'], v6, here),
  connectCase('NotDAddr', 'none of few', ['127.0.0.1', '::1'], there, here),
  connectCase('SAddr', 'an address', ['127.0.0.1/32'], here, v6),
  connectCase('NotSAddr', 'none of few', ['127.0.0.0/8'], v6, here),
  connectCase('DPort', 'a port and a range', ['1:2', '8081'], here, there),
  connectCase(
    'DPort',
    'of many',
    Array.from({ length: 30 }, (_, i) => String(8081 + 2 * i)),
    here,
    there,
  ),
  connectCase('NotDPort', 'none of few', ['8081', '9000:9100'], there, here),
  connectCase('DPortPriv', 'below 1024', [], ['127.0.0.1', '843'], here),
  connectCase('NotDPortPriv', '1024 and above', [], here, ['127.0.0.1', '843']),
  connectCase('NotSPort', 'none of few', ['8081', '8082', '1:1000'], here, there, {
    miss: ['kill', '0'],
  }),
  connectCase('NotSportPriv', '1024 and above', [], here, there, { miss: ['kill', '0'] }),
  never(connectCase('SPortPriv', 'a port of no privilege', [], here, there)),
  connectCase('Protocol', 'TCP', ['IPPROTO_TCP', '17'], here, there, { miss: ['kill', '0'] }),
  never(connectCase('Protocol', 'another one', ['IPPROTO_UDP'], here, there)),
  connectCase('Family', 'IPv6', ['AF_INET6'], v6, here),
  connectCase('Family', 'by number', ['2'], here, v6),
  connectCase('State', 'on its way', ['TCP_SYN_SENT'], here, there, { miss: ['kill', '0'] }),
  never(connectCase('State', 'another one', ['TCP_ESTABLISHED', '10'], here, there)),
  {
    name: 'the server’s side',
    covers: { kind: 'operator', name: 'SPortPriv' },
    policy: `
kprobes:
- call: tcp_close
  syscall: false
  args:
  - index: 0
    type: sock
  selectors:
  - matchArgs:
    - index: 0
      operator: SPortPriv`,
    hit: ['tcp', '127.0.0.1', '81', 'text'],
    miss: ['tcp', '127.0.0.1', '8081', 'text'],
    count: 'some',
  },
  {
    name: 'the side that was connected to',
    covers: { kind: 'operator', name: 'SPort' },
    policy: `
kprobes:
- call: tcp_close
  syscall: false
  args:
  - index: 0
    type: sock
  selectors:
  - matchArgs:
    - index: 0
      operator: SPort
      values: ["8084", "8090:8099"]`,
    hit: ['tcp', '127.0.0.1', '8084', 'text'],
    miss: ['tcp', '127.0.0.1', '8085', 'text'],
    count: 'some',
  },
]

const addressSubject: Subject = { name: 'addresses', runs: 60 }
const numberSubject: Subject = { name: 'ports, protocols, families and states', runs: 40 }

/** Offsets of the parts of a socket in an input. */
const offsets = { family: 0, protocol: 4, state: 8, sourcePort: 12, destinationPort: 16 } as const
const addressOffsets = { source: 32, destination: 48 } as const
type NumberPart = keyof typeof offsets

/** Each part is loaded on demand. */
function socketOperand(input: Bytes): Operand {
  const number = (part: NumberPart) => input.load(4, offsets[part])
  const address = (side: keyof typeof addressOffsets) =>
    [0, 4, 8, 12].map((i) => input.load(4, addressOffsets[side] + i))
  const socket: SocketFacet = {
    get family() {
      return number('family')
    },
    get protocol() {
      return number('protocol')
    },
    get state() {
      return number('state')
    },
    get sourcePort() {
      return number('sourcePort')
    },
    get destinationPort() {
      return number('destinationPort')
    },
    get source() {
      return address('source')
    },
    get destination() {
      return address('destination')
    },
  }
  return operand({ socket })
}

const AF_INET = 2
const AF_INET6 = 10

function addressInput(side: keyof typeof addressOffsets, address: readonly number[]): Uint8Array {
  // The other address and the numbers must not count.
  const bytes = new Uint8Array(64).fill(1)
  new DataView(bytes.buffer).setUint32(0, address.length === 4 ? AF_INET : AF_INET6, true)
  bytes.set(address, addressOffsets[side])
  return bytes
}

function numberInput(part: NumberPart, value: bigint): Uint8Array {
  const bytes = new Uint8Array(64).fill(1)
  new DataView(bytes.buffer).setUint32(offsets[part], Number(value), true)
  return bytes
}

const byte = fc.constantFrom(0, 1, 10, 127, 128, 255)
const address4 = fc.array(byte, { minLength: 4, maxLength: 4 })
const address6 = fc.oneof(
  fc.array(byte, { minLength: 16, maxLength: 16 }),
  // Mapped, if nothing but 0 is before it.
  fc
    .tuple(fc.constantFrom(0, 0, 1), fc.constantFrom(0, 0, 1), address4)
    .map(([a, b, last]) => [a, ...new Array(8).fill(0), b, 255, 255, ...last]),
)

function networkOf(address: fc.Arbitrary<number[]>, max: number): fc.Arbitrary<Network> {
  return fc
    .record({ bytes: address, bits: fc.integer({ min: 0, max }) })
    .map(({ bytes, bits }) => ({ address: Uint8Array.from(bytes), bits }))
}

function contains({ address, bits }: Network, other: readonly number[]): boolean {
  if (other.length !== address.length) return false
  const binary = (bytes: Iterable<number>): string =>
    [...bytes].map((b) => b.toString(2).padStart(8, '0')).join('')
  return binary(address).slice(0, bits) === binary(other).slice(0, bits)
}

function isMapped(address: readonly number[]): boolean {
  return (
    address.length === 16 &&
    Buffer.from(address.slice(0, 12)).toString('hex') === '00000000000000000000ffff'
  )
}

const addressSamples = fc.record({
  networks: fc.array(fc.oneof(networkOf(address4, 32), networkOf(address6, 128)), {
    minLength: 1,
    maxLength: 24,
  }),
  addresses: fc.array(fc.oneof(address4, address6), { minLength: 1, maxLength: 8 }),
})

function addressModel(side: keyof typeof addressOffsets): OperatorModel {
  const trials = addressSamples.map(({ networks, addresses }): Trial => {
    const inputs = [...addresses, ...networks.map(({ address }) => [...address])]
    return {
      test: { operator: `${side}-address`, networks },
      operands: (input: Bytes) => [socketOperand(input)],
      inputs: inputs.map((address) => addressInput(side, address)),
      expected: inputs.map((address) =>
        networks.some(
          (each) =>
            contains(each, address) || (isMapped(address) && contains(each, address.slice(12))),
        ),
      ),
    }
  })
  return { subject: addressSubject, trials }
}

/** Few numbers are compared one by one, many are looked up. */
const numberSamples = fc.array(fc.bigInt({ min: 0n, max: 0xffffn }), {
  minLength: 1,
  maxLength: 24,
})

function numberModel<T extends ArgumentTest>(
  part: NumberPart,
  given: (numbers: readonly bigint[]) => T,
  holds: (value: bigint, test: T) => boolean,
): OperatorModel {
  const trials = numberSamples.map((numbers) => {
    const test = given(numbers)
    const near = numbers.slice(0, 6).flatMap((n) => [n - 1n, n, n + 3n, n + 4n])
    const inputs = [0xffffn, ...near.filter((n) => n >= 0n)]
    return {
      test,
      operands: (input: Bytes) => [socketOperand(input)],
      inputs: inputs.map((value) => numberInput(part, value)),
      expected: inputs.map((value) => holds(value, test)),
    }
  })
  return { subject: numberSubject, trials }
}

function portModel(side: 'source' | 'destination'): OperatorModel {
  return numberModel(
    `${side}Port`,
    (numbers) => ({
      operator: `${side}-port`,
      ranges: numbers.map((from) => [from, from + 3n] as const),
    }),
    (value, { ranges }) => ranges.some(([from, to]) => value >= from && value <= to),
  )
}

function namedNumberModel(operator: 'protocol' | 'family' | 'state'): OperatorModel {
  return numberModel(
    operator,
    (values) => ({ operator, values }),
    (value, { values }) => values.includes(value),
  )
}

export const socketModels = {
  'source-address': addressModel('source'),
  'destination-address': addressModel('destination'),
  'source-port': portModel('source'),
  'destination-port': portModel('destination'),
  protocol: namedNumberModel('protocol'),
  family: namedNumberModel('family'),
  state: namedNumberModel('state'),
}
