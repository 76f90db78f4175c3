import type { Shape } from '@tetragon-ts/ebpf/records'
import { s32, u32, u64 } from '@tetragon-ts/ebpf/records'

/** User and group ids of a process, in the order of the API. */
export const credentialIds = [
  'uid',
  'gid',
  'euid',
  'egid',
  'suid',
  'sgid',
  'fsuid',
  'fsgid',
] as const

/** A user namespace in records. */
export const userNamespaceShape = {
  level: s32,
  owner: u32,
  group: u32,
  inum: u32,
} as const satisfies Shape

/** Credentials of a process in records. */
export const credentialsShape = {
  permitted: u64,
  effective: u64,
  inheritable: u64,
  uid: u32,
  gid: u32,
  euid: u32,
  egid: u32,
  suid: u32,
  sgid: u32,
  fsuid: u32,
  fsgid: u32,
  securebits: u32,
  ...userNamespaceShape,
} as const satisfies Shape
