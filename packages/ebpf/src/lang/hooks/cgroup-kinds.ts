import { addressHookKinds } from './cgroup.ts'

/** Kinds of hooks at cgroups other than those with addresses. */
export const cgroupKinds = {
  socketCreate: 'cgroup_sock_create',
  socketOption: 'cgroup_setsockopt',
  device: 'cgroup_device',
  sysctl: 'cgroup_sysctl',
} as const

/** Kinds of hooks whose results decide, and of which the kernel runs all programs. */
export const votingHookKinds: readonly string[] = [
  ...addressHookKinds,
  ...Object.values(cgroupKinds),
]
