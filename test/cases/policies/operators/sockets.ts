import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

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

/** A case whose socket never is what the operator asks for: the other one says so. */
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
