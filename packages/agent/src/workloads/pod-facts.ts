/** What the API server knows about a pod, as plain data. */
export interface PodFacts {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  /** Uid that the kubelet gave a pod from a file, whose copy in the API has another; or empty. */
  readonly staticUid: string
  readonly labels: Readonly<Record<string, string>>
  /** Undefined if they are not part of events. */
  readonly annotations: Readonly<Record<string, string>> | undefined
  readonly workload: string
  readonly workloadKind: string
  readonly containers: readonly ContainerFacts[]
}

/** What the API server knows about a container. */
export interface ContainerFacts {
  readonly name: string
  /** With the prefix of its runtime; empty until it was created. */
  readonly id: string
  readonly image: string
  readonly imageId: string
  /** RFC 3339; empty until it runs. */
  readonly startedAt: string
  readonly isPrivileged: boolean
  /** Commands of its probes for liveness and readiness. */
  readonly probes: readonly (readonly string[])[]
}

/** Changes of what is known about the pods of this node. */
export interface PodChanges {
  /** Whether `pods` are all of them. */
  readonly isComplete: boolean
  readonly pods: readonly PodFacts[]
  /** Uids of pods that are gone. */
  readonly removed: readonly string[]
}
