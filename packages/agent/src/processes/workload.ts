import type { Pod } from '@tetragon-ts/api'

/** A command that a probe of the kubelet runs in a container, as events show it. */
export interface ExecProbe {
  /** As in the pod: without folder if it is looked for in `PATH`. */
  readonly binary: string
  readonly arguments: string
}

/** A pod as events show it. */
export interface PodText {
  /**
   * JSON of the pod up to the pid of its container, and what follows that, as UTF-8 in latin1
   * strings; of a sandbox the first part is all of it.
   */
  readonly head: string
  readonly tail: string
  readonly hasContainer: boolean
  /** The same for filters, without what differs between processes. */
  readonly message: Pod
  readonly probes: readonly ExecProbe[]
}

/** The pod of a container, and the container itself unless that is the pod's sandbox. */
export interface ContainerPod {
  /** Changes when more is known about the pod. */
  text: PodText
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
