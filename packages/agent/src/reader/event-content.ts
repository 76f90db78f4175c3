import type { CgroupRate } from '@tetragon-ts/sensors'

/** Kinds of events that may tell their processes' ancestors. */
export const ancestorKinds = [
  'base',
  'kprobe',
  'tracepoint',
  'loader',
  'uprobe',
  'lsm',
  'usdt',
] as const
export type AncestorKind = (typeof ancestorKinds)[number]

/** What events tell beyond the basics. What is off costs nothing, in the kernel and here. */
export interface EventContent {
  /** Ids, capabilities, and how an executed file changed them. */
  readonly credentials: boolean
  readonly namespaces: boolean
  /** `base` stands for exec and exit. */
  readonly ancestors: readonly AncestorKind[]
  /** Names of users, of processes in the host's namespaces. */
  readonly userNames: boolean
  /** Empty: none is told. */
  readonly clusterName: string
  /** Addresses in stacks: they tell where the kernel put itself. */
  readonly stackAddresses: boolean
  /** Up to which rate exec and exit are told of each control group; undefined: all. */
  readonly cgroupRate: CgroupRate | undefined
}

/** All that events tell when asked to. */
export interface ToldContent {
  /** The environment of processes. */
  readonly environment: boolean
  readonly content: EventContent
}

/** The basics alone. */
export const plainContent: EventContent = {
  credentials: false,
  namespaces: false,
  ancestors: [],
  userNames: false,
  clusterName: '',
  stackAddresses: false,
  cgroupRate: undefined,
}

/** What records must say for it. */
export function recordContent({ credentials, namespaces, userNames }: EventContent) {
  // Whose namespaces are not the host's has users of its own.
  return { credentials, namespaces: namespaces || userNames }
}
