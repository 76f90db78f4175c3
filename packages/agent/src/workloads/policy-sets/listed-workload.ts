import { repositoryOf } from '@tetragon-ts/policy/labels'
import type { ContainerPod } from '../../processes/workload.ts'

/** A container and its sets of workloads, as plain data. */
export interface ListedWorkload extends ListedPod {
  /** Id of its control group. */
  readonly cgroup: number
  /** Number of its control groups. */
  cgroups: number
  readonly containerId: string
  /** Numbers of the sets that it belongs to, and of those that are not decided yet. */
  readonly sets: readonly number[]
  readonly unknownSets: readonly number[]
}

/** What selectors test of a container. */
export interface ListedPod {
  readonly state: 'pod' | 'outside' | 'unknown'
  readonly namespace: string
  readonly pod: string
  /** Empty for the sandbox. */
  readonly container: string
  /** Name of the image without tag and digest. */
  readonly repository: string
  /** Undefined: not known yet. */
  readonly labels: Readonly<Record<string, string>> | undefined
}

/** @param keys the labels to include: a pod may have thousands */
export function listedPod(
  pod: ContainerPod | undefined,
  isOutside: boolean,
  keys: readonly string[],
): ListedPod {
  const { message = {}, labels } = pod?.text ?? {}
  const { namespace = '', name = '', container } = message
  const wanted = labels && keys.filter((key) => Object.hasOwn(labels, key))
  return {
    state: pod !== undefined ? 'pod' : isOutside ? 'outside' : 'unknown',
    namespace,
    pod: name,
    container: container?.name ?? '',
    repository: repositoryOf(container?.image?.name ?? ''),
    labels: wanted && Object.fromEntries(wanted.map((key) => [key, labels[key]])),
  }
}
