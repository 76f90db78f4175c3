import type { Container, Pod } from '@tetragon-ts/api'

/** A command that a probe of the kubelet runs in a container, as in events. */
export interface ExecProbe {
  /** As in the pod: without folder if it is searched in `PATH`. */
  readonly binary: string
  readonly arguments: string
}

/** A pod as in events. */
export interface PodText {
  /**
   * JSON of the pod before and after the pid of its container, as UTF-8 in latin1 strings. For a
   * sandbox, `head` has everything.
   */
  readonly head: string
  readonly tail: string
  readonly hasContainer: boolean
  /** The same for filters, without fields that differ between processes. */
  readonly message: Pod
  /** Labels, for policies; undefined: not known yet. */
  readonly labels: Readonly<Record<string, string>> | undefined
  readonly probes: readonly ExecProbe[]
}

/** The pod of a container, with the container unless it is the sandbox. */
export interface ContainerPod {
  /** Replaced when the API server has new facts about the pod. */
  text: PodText
}

/** Whether only the control group of the container is known: its files may say more. */
export function isUnnamed({ text }: ContainerPod): boolean {
  return text.hasContainer && text.message.container?.name === undefined
}

/** A container outside of pods, as in events; changed when its runtime reports more. */
export interface ContainerText {
  /** JSON of the container before and after its pid, as UTF-8 in latin1 strings. */
  head: string
  tail: string
  /** The same for filters, without its pid. */
  message: Container
}

/** Container and pod of a process; shared by all processes of a control group. */
export interface Workload {
  /** First 31 characters of the container's id, or empty. */
  readonly docker: string
  /** Undefined outside pods, and until the pod is found. */
  pod: ContainerPod | undefined
  /** The container, if it is known and outside of pods. */
  container: ContainerText | undefined
}

/** Processes of the host. */
export const noWorkload: Workload = Object.freeze({
  docker: '',
  pod: undefined,
  container: undefined,
})
