import { addressHookKinds } from './cgroup.ts'
import { packetHookKinds } from './cgroup-skb.ts'

/** Kinds of hooks at cgroups other than those with addresses and packets. */
export const cgroupKinds = {
  socketCreate: 'cgroup_sock_create',
  socketOption: 'cgroup_setsockopt',
  device: 'cgroup_device',
  sysctl: 'cgroup_sysctl',
} as const

/** Kinds of hooks whose results decide, and of which the kernel runs all programs. */
export const votingHookKinds: readonly string[] = [
  ...addressHookKinds,
  ...packetHookKinds,
  ...Object.values(cgroupKinds),
]
