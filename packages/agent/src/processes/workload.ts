import type { Pod } from '@tetragon-ts/api'

/** The pod of a container, and the container itself unless that is the pod's sandbox. */
export interface ContainerPod {
  /**
   * JSON of the pod up to the pid of its container, and from there on, as UTF-8 in latin1 strings;
   * of a sandbox the first part is all of it.
   */
  readonly head: string
  readonly tail: string
  readonly hasContainer: boolean
  /** The same for filters, without the pid. */
  readonly message: Pod
}

/** What a process belongs to; shared by all processes of a control group. */
export interface Workload {
  /** First 31 characters of the container's id, or empty. */
  readonly docker: string
  /** Undefined outside of pods, and while the pod is unknown. */
  pod: ContainerPod | undefined
}

/** Processes of the host. */
export const noWorkload: Workload = Object.freeze({ docker: '', pod: undefined })
