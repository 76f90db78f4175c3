import type { CgroupRate, ExecContent, RecordContent } from '@tetragon-ts/sensors'

/** Kinds of events that can include the ancestors of their process. */
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

/** Optional content of events. Disabled content costs nothing, in the kernel and here. */
export interface EventContent {
  /** Labels of pods and digests of images, which files of the runtime lack. */
  readonly podLabels: boolean
  readonly podWorkloads: boolean
  readonly podAnnotations: boolean
  /** Ids, capabilities, and how an executed file changed them. */
  readonly credentials: boolean
  readonly namespaces: boolean
  /** `base` stands for exec and exit. */
  readonly ancestors: readonly AncestorKind[]
  /** Maximum number of ancestors in an event. */
  readonly ancestorsMax: number
  /** User names, for processes in the host's namespaces. */
  readonly userNames: boolean
  /** Empty: not shown. */
  readonly clusterName: string
  /** Addresses in stacks: they reveal the kernel's address layout. */
  readonly stackAddresses: boolean
  /** Maximum rate of execs and exits of a control group; undefined: no limit. */
  readonly cgroupRate: CgroupRate | undefined
  /** Fields of `process_exec` that Tetragon does not have. */
  readonly exec: ExecFields
}

/** Fields that describe an exec further. */
export interface ExecFields extends ExecContent {
  /** The arguments as a list. */
  readonly argv: boolean
}

export const noExecFields: ExecFields = {
  executable: false,
  argv: false,
  variables: false,
  session: false,
  layer: false,
}

/** All optional content of events. */
export interface EventDetail {
  /** The environment of processes. */
  readonly environment: boolean
  readonly content: EventContent
}

/** The minimum. */
export const plainContent: EventContent = {
  podLabels: false,
  podWorkloads: false,
  podAnnotations: false,
  credentials: false,
  namespaces: false,
  ancestors: [],
  ancestorsMax: 32,
  userNames: false,
  clusterName: '',
  stackAddresses: false,
  cgroupRate: undefined,
  exec: noExecFields,
}

/** Optional parts of records that this content needs. */
export function recordContent(content: EventContent): RecordContent {
  const { credentials, namespaces, userNames, exec } = content
  const { argv, ...inRecords } = exec
  // User names are shown for the host's user namespace only.
  return { credentials, namespaces: namespaces || userNames, exec: inRecords }
}
