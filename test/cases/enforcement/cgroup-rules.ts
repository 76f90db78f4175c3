import { join } from 'node:path'
import type { FeatureName } from '@tetragon-ts/ebpf/features'
import { type Attacked, type Operation, policy, refuse } from './attack.ts'

const byCgroup = '{name: override-method, value: cgroup}'
const sysctl = '/proc/sys/net/ipv4/ip_default_ttl'

/** What a policy forbids, and what it must not touch. */
export interface Rule {
  readonly title: string
  readonly feature: FeatureName
  readonly options: string
  /** The first lines of the hook. */
  readonly hook: string
  readonly atLsmHook?: string
  readonly args: string
  readonly match: string
  /** The name of the means in events. */
  readonly means: string
  readonly prevented: readonly Operation[]
  readonly passes: readonly Operation[]
  /** Operations that have the forbidden effect, but are not seen. */
  readonly unseen?: readonly Operation[]
  target?(attacked: Attacked): string
}

export const rules: readonly Rule[] = [
  {
    title: 'raw sockets',
    feature: 'cgroup',
    options: byCgroup,
    means: 'cgroup (only Internet sockets)',
    hook: 'call: security_socket_create\n  syscall: false',
    atLsmHook: 'hook: socket_create',
    args: '{index: 0, type: int}, {index: 1, type: int}, {index: 3, type: int}',
    match: '{index: 1, operator: Equal, values: ["3"]}, {index: 3, operator: Equal, values: ["0"]}',
    prevented: ['raw', 'raw6', 'raw-any', 'raw-uring', 'raw-i386', 'raw-socketcall'],
    passes: ['ping', 'udp', 'connect-own'],
    unseen: ['packet'],
  },
  {
    title: 'ping sockets',
    feature: 'cgroup',
    options: byCgroup,
    means: 'cgroup (only Internet sockets)',
    hook: 'call: security_socket_create\n  syscall: false',
    args: '{index: 1, type: int}, {index: 2, type: int}',
    match: '{index: 1, operator: Equal, values: ["2"]}, {index: 2, operator: Equal, values: ["1"]}',
    prevented: ['ping'],
    passes: ['udp', 'raw'],
  },
  {
    title: 'options of sockets',
    feature: 'cgroup_sockopt',
    options: byCgroup,
    means: 'cgroup (not 32-bit system calls)',
    hook: 'call: security_socket_setsockopt\n  syscall: false',
    atLsmHook: 'hook: socket_setsockopt',
    args: '{index: 0, type: socket}, {index: 1, type: int}, {index: 2, type: int}',
    match:
      '{index: 0, operator: Family, values: ["AF_INET"]}, ' +
      '{index: 1, operator: Equal, values: ["0"]}, {index: 2, operator: Equal, values: ["4"]}',
    prevented: ['route', 'route-uring'],
    passes: ['hops', 'long-option', 'filter'],
    unseen: ['route-i386', 'options-message'],
  },
  {
    title: 'reading a device',
    feature: 'cgroup_device',
    options: '',
    means: 'cgroup',
    hook: 'call: devcgroup_check_permission\n  syscall: false',
    args:
      '{index: 0, type: int16}, {index: 1, type: uint32}, {index: 2, type: uint32}, ' +
      '{index: 3, type: int16}',
    // Character device 1:7, reading.
    match:
      '{index: 0, operator: Equal, values: ["2"]}, {index: 1, operator: Equal, values: ["1"]}, ' +
      '{index: 2, operator: Equal, values: ["7"]}, {index: 3, operator: Mask, values: ["2"]}',
    prevented: ['device', 'device-uring'],
    passes: ['node'],
    target: () => '/dev/full',
  },
  {
    title: 'reading a device by another node',
    feature: 'cgroup_device',
    options: '',
    means: 'cgroup',
    hook: 'call: devcgroup_check_permission\n  syscall: false',
    args: '{index: 2, type: uint32}, {index: 3, type: int16}',
    match: '{index: 2, operator: Equal, values: ["7"]}, {index: 3, operator: Equal, values: ["2"]}',
    prevented: ['other-node'],
    passes: ['node'],
    target: ({ run }) => join(run.folder, 'device'),
  },
  {
    title: 'making a device node',
    feature: 'cgroup_device',
    options: '',
    means: 'cgroup',
    hook: 'call: devcgroup_check_permission\n  syscall: false',
    args: '{index: 2, type: uint32}, {index: 3, type: int16}',
    match: '{index: 2, operator: Equal, values: ["7"]}, {index: 3, operator: Mask, values: ["1"]}',
    prevented: ['node'],
    passes: ['other-node'],
    target: ({ run }) => join(run.folder, 'device'),
  },
  {
    title: 'writing a sysctl',
    feature: 'cgroup_sysctl',
    options: '',
    means: 'cgroup',
    hook: 'call: proc_sys_call_handler\n  syscall: false',
    args: '{index: 0, type: kiocb}, {index: 2, type: int}',
    match:
      `{index: 0, operator: Equal, values: ["${sysctl}"]}, ` +
      '{index: 2, operator: Equal, values: ["1"]}',
    prevented: ['sysctl', 'sysctl-uring'],
    passes: ['udp'],
    unseen: ['sysctl-bound'],
    target: () => sysctl,
  },
  {
    title: 'writing a sysctl at any path',
    feature: 'cgroup_sysctl',
    options: '',
    means: 'cgroup',
    hook: 'call: proc_sys_call_handler\n  syscall: false',
    args: '{index: 0, type: dentry, resolve: ki_filp.f_path.dentry}, {index: 2, type: int}',
    match:
      '{index: 0, operator: Equal, values: ["/sys/net/ipv4/ip_default_ttl"]}, ' +
      '{index: 2, operator: Equal, values: ["1"]}',
    prevented: ['sysctl', 'sysctl-uring', 'sysctl-bound'],
    passes: ['udp'],
    target: () => sysctl,
  },
]

/** A policy that forbids what a rule says to a program. */
export function forbid(
  rule: Rule,
  program: string,
  { hook = rule.hook, options = rule.options, name = 'forbids' } = {},
): string {
  return policy(
    name,
    `options: [${options}]
${hook.startsWith('hook') ? 'lsmhooks' : 'kprobes'}:
- ${hook}
  args: [${rule.args}]
  selectors:
  - matchBinaries: [{operator: In, values: ["${program}"]}]
    matchArgs: [${rule.match}]
    matchActions: [${refuse}]`,
  )
}
