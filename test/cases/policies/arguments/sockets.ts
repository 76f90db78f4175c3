import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

const connect = (type: string, test: string): string => `
      kprobes:
      - call: sys_connect
        syscall: true
        args:
        - index: 1
          type: ${type}
        selectors:
        - matchArgs:
          - index: 1
            ${test}`

const sent = (port: number): string => `
      tracepoints:
      - subsystem: net
        event: net_dev_queue
        raw: true
        args:
        - index: 0
          type: skb
        selectors:
        - matchArgs:
          - index: 0
            operator: DPort
            values: ["${port}"]`

export const socketCases: readonly PolicyCase[] = [
  {
    name: 'a connection',
    covers: { kind: 'argument', name: 'sock' },
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
            operator: DPort
            values: ["17101"]`,
    hit: ['tcp', '127.0.0.1', '17101', 'text'],
    miss: ['tcp', '127.0.0.1', '17102', 'text'],
    expect({ args }) {
      const { family, type, protocol, saddr, daddr, dport, cookie } = args[0].sock_arg ?? {}
      assert.deepEqual(
        { family, type, protocol, saddr, daddr, dport },
        {
          family: 'AF_INET',
          type: 'SOCK_STREAM',
          protocol: 'IPPROTO_TCP',
          saddr: '127.0.0.1',
          daddr: '127.0.0.1',
          dport: 17101,
        },
      )
      assert.ok(BigInt(cookie ?? 0) > 2n ** 63n)
    },
  },
  {
    name: 'a connection over IPv6',
    covers: { kind: 'argument', name: 'sock' },
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
            operator: DAddr
            values: ["::1"]`,
    hit: ['tcp', '::1', '17103', 'text'],
    miss: ['tcp', '127.0.0.1', '17103', 'text'],
    expect({ args }) {
      assert.equal(args[0].sock_arg?.family, 'AF_INET6')
      assert.equal(args[0].sock_arg?.daddr, '::1')
    },
  },
  {
    name: 'of a packet',
    covers: { kind: 'argument', name: 'sock' },
    policy: `
      tracepoints:
      - subsystem: net
        event: net_dev_queue
        raw: true
        args:
        - index: 0
          type: sock
          resolve: sk
        selectors:
        - matchArgs:
          - index: 0
            operator: DPort
            values: ["17114"]`,
    hit: ['tcp', '127.0.0.1', '17114', 'text'],
    miss: ['tcp', '127.0.0.1', '17115', 'text'],
    count: 'some',
    expect({ args }) {
      assert.equal(args[0].sock_arg?.daddr, '127.0.0.1')
      assert.equal(args[0].sock_arg?.dport, 17114)
    },
  },
  {
    name: 'that is connected',
    covers: { kind: 'argument', name: 'socket' },
    policy: `
      kprobes:
      - call: security_socket_connect
        syscall: false
        args:
        - index: 0
          type: socket
        selectors:
        - matchArgs:
          - index: 0
            operator: Family
            values: ["AF_UNIX"]`,
    hit: ['unix', '{folder}/s', 'text'],
    miss: ['tcp', '127.0.0.1', '17104', 'text'],
    expect({ args }) {
      assert.equal(args[0].sock_arg?.family, 'AF_UNIX')
      assert.equal(args[0].sock_arg?.type, 'SOCK_STREAM')
    },
  },
  {
    name: 'a datagram',
    covers: { kind: 'argument', name: 'skb' },
    policy: sent(17105),
    hit: ['udp', '127.0.0.1', '17105', 'text'],
    miss: ['udp', '127.0.0.1', '17106', 'text'],
    expect({ args }) {
      const { family, protocol, proto, saddr, daddr, dport } = args[0].skb_arg ?? {}
      assert.deepEqual(
        { family, protocol, proto, saddr, daddr, dport },
        {
          family: 'AF_INET',
          protocol: 'IPPROTO_UDP',
          proto: 17,
          saddr: '127.0.0.1',
          daddr: '127.0.0.1',
          dport: 17105,
        },
      )
      assert.ok((args[0].skb_arg?.len ?? 0) >= 32)
    },
  },
  {
    name: 'a datagram over IPv6',
    covers: { kind: 'argument', name: 'skb' },
    policy: sent(17107),
    hit: ['udp', '::1', '17107', 'text'],
    miss: ['udp', '::1', '17108', 'text'],
    expect({ args }) {
      const { family, protocol, saddr, daddr } = args[0].skb_arg ?? {}
      assert.deepEqual(
        { family, protocol, saddr, daddr },
        { family: 'AF_INET6', protocol: 'IPPROTO_UDP', saddr: '::1', daddr: '::1' },
      )
    },
  },
  {
    name: 'of IPv4',
    covers: { kind: 'argument', name: 'sockaddr' },
    policy: connect('sockaddr', 'operator: SPort\n            values: ["17109"]'),
    hit: ['tcp', '127.0.0.1', '17109', 'text'],
    miss: ['tcp', '127.0.0.1', '17110', 'text'],
    expect({ args }) {
      const expected = { family: 'AF_INET', addr: '127.0.0.1', port: 17109 }
      assert.deepEqual(args[0].sockaddr_arg, expected)
    },
  },
  {
    name: 'of IPv6',
    covers: { kind: 'argument', name: 'sockaddr' },
    policy: connect('sockaddr', 'operator: SAddr\n            values: ["::1/128"]'),
    hit: ['tcp', '::1', '17111', 'text'],
    miss: ['tcp', '127.0.0.1', '17111', 'text'],
    expect({ args }) {
      assert.deepEqual(args[0].sockaddr_arg, { family: 'AF_INET6', addr: '::1', port: 17111 })
    },
  },
  {
    name: 'that the kernel copied',
    covers: { kind: 'argument', name: 'sockaddr' },
    policy: `
      kprobes:
      - call: security_socket_connect
        syscall: false
        args:
        - index: 1
          type: sockaddr
        selectors:
        - matchArgs:
          - index: 1
            operator: SPort
            values: ["17112"]`,
    hit: ['tcp', '127.0.0.1', '17112', 'text'],
    miss: ['tcp', '127.0.0.1', '17113', 'text'],
    expect({ args }) {
      assert.equal(args[0].sockaddr_arg?.addr, '127.0.0.1')
    },
  },
  {
    name: 'a path',
    covers: { kind: 'argument', name: 'sockaddr_un' },
    policy: connect('sockaddr_un', 'operator: Equal\n            values: ["{folder}/s"]'),
    hit: ['unix', '{folder}/s', 'text'],
    miss: ['unix', '{folder}/t', 'text'],
    expect({ args }, _, { folder }) {
      assert.deepEqual(args[0].sockaddrun_arg, { family: 'AF_UNIX', path: `${folder}/s` })
    },
  },
  {
    name: 'outside of the file system',
    covers: { kind: 'argument', name: 'sockaddr_un' },
    policy: connect('sockaddr_un', 'operator: Prefix\n            values: ["@abstract-case"]'),
    hit: ['unix', '@abstract-case', 'text'],
    miss: ['unix', '@other-case', 'text'],
    expect({ args }) {
      assert.equal(args[0].sockaddrun_arg?.path, '@abstract-case')
    },
  },
  {
    name: 'outside of the file system, as the kernel copied it',
    covers: { kind: 'argument', name: 'sockaddr_un' },
    policy: `
      kprobes:
      - call: security_socket_connect
        syscall: false
        args:
        - index: 1
          type: sockaddr_un
        selectors:
        - matchArgs:
          - index: 1
            operator: Equal
            values: ["@abstract-kernel-case"]`,
    hit: ['unix', '@abstract-kernel-case', 'text'],
    miss: ['unix', '@abstract-kernel', 'text'],
    expect({ args }) {
      const expected = { family: 'AF_UNIX', path: '@abstract-kernel-case' }
      assert.deepEqual(args[0].sockaddrun_arg, expected)
    },
  },
]
