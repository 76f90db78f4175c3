import type { NodeIdentity } from '../node/names.ts'
import type { Network } from '../node/namespaces.ts'

/** What the guest's program gets; paths are those of the host. */
export interface GuestOptions {
  /** The files of the node, to be copied. */
  readonly root: string
  /** Folder with the programs of the cluster. */
  readonly programs: string
  /** Folder that host and guest share. */
  readonly folder: string
  /** The control group of pods. */
  readonly cgroup: string
  readonly node: NodeIdentity
  readonly network: Network
}

/**
 * The state of the guest once its containerd answers and it takes commands, in a file of the shared
 * folder.
 */
export interface GuestState {
  /** Of `yardstick`. */
  readonly yardstickMs: number
  /** Release of the kernel. */
  readonly release: string
}

export const stateFile = 'state.json'
/** Exists when the kubelet is to start. */
export const joinFile = 'join.json'

/** The node's files in the guest, in memory. */
export const guestRoot = '/run/node'
