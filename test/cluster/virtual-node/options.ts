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
}

/** The state of the guest once it takes commands, in a file of the shared folder. */
export interface GuestState {
  /** Of `yardstick`. */
  readonly yardstickMs: number
  /** Release of the kernel. */
  readonly release: string
}

export const stateFile = 'state.json'

/** The node's files in the guest, in memory. */
export const guestRoot = '/run/node'
