import type { PodSandbox, RuntimeContainerStatus } from '@tetragon-ts/kubernetes/cri'
import type { ContainerFacts, PodFacts } from '../../pod-facts.ts'
import { readImage, readLabels, readName, readPodLabels } from '../runtime-container.ts'

/** What the runtime says about a container; the sandbox of a pod has no status of its own. */
export interface RuntimeAnswer {
  readonly scheme: string
  readonly sandbox: PodSandbox
  readonly status: RuntimeContainerStatus | undefined
}

/**
 * Reads the pod of a container from the answers of its runtime, which may have any content.
 * @returns undefined if it names no pod
 */
export function readRuntimePod(
  { scheme, sandbox, status }: RuntimeAnswer,
  withAnnotations: boolean,
): PodFacts | undefined {
  const { metadata = {}, labels = {}, annotations = {} } = sandbox
  const uid = readName(metadata.uid)
  const [namespace, name] = [readName(metadata.namespace), readName(metadata.name)]
  if (uid === '' || namespace === '' || name === '') return undefined
  const container = status && readContainer(scheme, status)
  return {
    uid,
    namespace,
    name,
    staticUid: '',
    labels: readPodLabels(labels),
    annotations: withAnnotations ? readLabels(annotations) : undefined,
    // The runtime does not know them.
    workload: '',
    workloadKind: '',
    containers: container === undefined ? [] : [container],
  }
}

function readContainer(
  scheme: string,
  { id = '', metadata, image, image_ref, started_at = 0 }: RuntimeContainerStatus,
): ContainerFacts | undefined {
  const name = readName(metadata?.name)
  if (name === '') return undefined
  const started = new Date(Number(started_at) / 1e6)
  return {
    name,
    id: `${scheme}://${id}`,
    image: readImage(image?.image),
    imageId: readImage(image_ref),
    startedAt: started.getTime() > 0 ? started.toISOString() : '',
    // The runtime does not report them.
    isPrivileged: false,
    probes: [],
  }
}
