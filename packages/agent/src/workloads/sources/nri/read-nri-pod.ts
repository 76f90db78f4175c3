import type { PodFacts } from '../../pod-facts.ts'
import type { DeclaredPod } from '../../pod-text.ts'
import { containerdNames, crioNames, type RuntimeNames } from '../bundle-pod.ts'
import { readImage, readLabels, readName, readPodLabels } from '../runtime-container.ts'
import type { NriContainer, NriPod } from './nri-messages.ts'

const containerId = /^[0-9a-f]{64}$/

/** The names of annotations of a runtime. */
export function namesOf(runtime: string): RuntimeNames {
  return runtime === 'cri-o' ? crioNames : containerdNames
}

/** Reads a pod of the runtime, of any content. @returns undefined if it has no name */
export function readNriPod(pod: NriPod, withAnnotations: boolean): PodFacts | undefined {
  const { labels = {}, annotations = {} } = pod
  const [namespace, name, uid] = [readName(pod.namespace), readName(pod.name), readName(pod.uid)]
  if (namespace === '' || name === '' || uid === '') return undefined
  return {
    namespace,
    name,
    uid,
    staticUid: '',
    workload: '',
    workloadKind: '',
    containers: [],
    labels: readPodLabels(labels),
    annotations: withAnnotations ? readLabels(annotations) : undefined,
  }
}

/** Reads a container of a pod. @returns undefined if it has no id or name */
export function readNriContainer(
  { namespace, name, uid }: PodFacts,
  { id = '', name: container, annotations = {} }: NriContainer,
  names: RuntimeNames,
): DeclaredPod | undefined {
  const own = readName(container)
  if (!containerId.test(id) || own === '') return undefined
  const image = readImage(annotations[names.image])
  const pod = { namespace, name, uid, container: { name: own, image } }
  return { pod, names, id, created: new Date() }
}
