/** A pod in the API, as plain data. */
export interface PodFacts {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  /** Uid that the kubelet gave to a static pod, whose mirror pod has another; else empty. */
  readonly staticUid: string
  readonly labels: Readonly<Record<string, string>>
  /** Undefined if they are not part of events. */
  readonly annotations: Readonly<Record<string, string>> | undefined
  readonly workload: string
  readonly workloadKind: string
  readonly containers: readonly ContainerFacts[]
}

/** A container in the API. */
export interface ContainerFacts {
  readonly name: string
  /** With the prefix of its runtime; empty until it is created. */
  readonly id: string
  readonly image: string
  readonly imageId: string
  /** RFC 3339; empty until it runs. */
  readonly startedAt: string
  readonly isPrivileged: boolean
  /** Commands of its liveness and readiness probes. */
  readonly probes: readonly (readonly string[])[]
}

/** Ids of a pod's containers, without the prefix of the runtime; containers may have none yet. */
export function containerIdsOf({ containers }: PodFacts): string[] {
  const ids = containers.map(({ id }) => id.slice(id.lastIndexOf('/') + 1))
  return ids.filter((id) => id !== '')
}

/** What a container needs besides its texts, in characters. */
const containerCost = 64
/** Number of containers that any pod keeps. */
const containersKept = 64

/**
 * Number of characters of the parts of a pod that only the size of its object limits: its labels,
 * annotations and containers.
 */
export function textLengthOf({ labels, annotations = {}, containers }: PodFacts): number {
  const all = [...Object.entries(labels), ...Object.entries(annotations)]
  const named = all.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  return containers.reduce((sum, container) => sum + lengthOf(container), named)
}

function lengthOf({ name, id, image, imageId, probes }: ContainerFacts): number {
  const own = containerCost + name.length + id.length + image.length + imageId.length
  return probes.flat().reduce((sum, word) => sum + word.length, own)
}

/** A pod without the parts that only the size of its object limits. */
export function withoutTexts(pod: PodFacts): PodFacts {
  const containers = pod.containers.slice(0, containersKept)
  return {
    ...pod,
    labels: {},
    annotations: pod.annotations && {},
    containers: containers.map((container) => ({ ...container, probes: [] })),
  }
}

/** Changes of the pods of this node. */
export interface PodChanges {
  /** Whether `pods` has all pods. */
  readonly isComplete: boolean
  readonly pods: readonly PodFacts[]
  /** Uids of deleted pods. */
  readonly removed: readonly string[]
}
