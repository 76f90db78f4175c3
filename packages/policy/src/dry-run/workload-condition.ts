import type { Process } from '@tetragon-ts/api'
import { labelMatcher, repositoryOf } from '../labels/label-matcher.ts'
import type { LabelSelector, WorkloadMatch } from '../model/index.ts'
import type { RecordedCondition } from './recorded-call.ts'
import { every, type Truth } from './truth.ts'

/** The namespace of a pod, as a label that selectors may name. */
const namespaceLabel = 'k8s:io.kubernetes.pod.namespace'

/**
 * Whether a policy or a selector selects the workload of the process.
 * @param namespace of the pods; empty: all
 */
export function workloadCondition(match: WorkloadMatch, namespace = ''): RecordedCondition {
  return {
    path: match.path,
    needs: 'the pod of the process with its labels',
    test: ({ process }) => isSelected(match, namespace, process),
  }
}

function isSelected(match: WorkloadMatch, namespace: string, process: Process): Truth {
  const { podSelector, containerSelector, hostSelector } = match
  const ofPods = namespace !== '' || podSelector !== undefined || containerSelector !== undefined
  if (!ofPods && hostSelector === undefined) return true
  const { pod } = process
  if (pod === undefined) {
    const isOfContainer = process.container !== undefined || (process.docker ?? '') !== ''
    // The container of a process may be known without its pod.
    return isOfContainer ? undefined : hostSelector !== undefined
  }
  if (!ofPods || (namespace !== '' && pod.namespace !== namespace)) return false
  const labels = { ...pod.pod_labels, [namespaceLabel]: pod.namespace ?? '' }
  return every([
    podSelector === undefined || labelMatcher(podSelector)(labels),
    containerSelector === undefined || isContainer(containerSelector, pod.container),
  ])
}

type Container = NonNullable<Process['pod']>['container']

function isContainer(selector: LabelSelector, container: Container): Truth {
  if (container?.name === undefined) return undefined
  const { name, image } = container
  return labelMatcher(selector)({ name, repo: repositoryOf(image?.name ?? '') })
}
