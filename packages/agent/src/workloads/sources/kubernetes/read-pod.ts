import {
  type Fields,
  fields,
  list,
  podOrigin,
  text,
  texts,
  workloadOfPod,
} from '@tetragon-ts/kubernetes'
import type { ContainerFacts, PodFacts } from '../../pod-facts.ts'

/** The annotation of a mirror pod with the uid of its static pod. */
const mirror = 'kubernetes.io/config.mirror'
/** Annotations can have 256 KiB. Each event has them: the largest ones are omitted. */
const annotationMax = 1 << 16

/**
 * Reads the fields of a pod that events need.
 * @param pod an object of the API, of any content
 * @returns undefined if it has no name or uid
 */
export function readPod(pod: unknown, withAnnotations: boolean): PodFacts | undefined {
  const { metadata, spec, status } = fields(pod)
  const { uid, namespace, name, labels, annotations } = fields(metadata)
  const meta = { uid: text(uid), namespace: text(namespace), name: text(name) }
  if (meta.uid === '' || meta.name === '') return undefined
  const own = { labels: texts(labels), annotations: texts(annotations) }
  return {
    ...meta,
    staticUid: own.annotations[mirror] ?? '',
    labels: own.labels,
    annotations: withAnnotations ? shortOnes(own.annotations) : undefined,
    ...workloadOfPod(podOrigin(metadata)),
    containers: containersOf(fields(spec), fields(status)),
  }
}

const kinds = [
  ['containers', 'containerStatuses'],
  ['initContainers', 'initContainerStatuses'],
  ['ephemeralContainers', 'ephemeralContainerStatuses'],
] as const

function containersOf(spec: Fields, status: Fields): ContainerFacts[] {
  return kinds.flatMap(([declared, states]) => {
    const byName = new Map(list(status[states]).map((each) => [fields(each).name, fields(each)]))
    return list(spec[declared]).map((each) => containerOf(fields(each), byName))
  })
}

function containerOf(spec: Fields, states: ReadonlyMap<unknown, Fields>): ContainerFacts {
  const { containerID, imageID, image, state } = states.get(spec.name) ?? {}
  return {
    name: text(spec.name),
    id: text(containerID),
    image: text(image) || text(spec.image),
    imageId: text(imageID),
    startedAt: text(fields(fields(state).running).startedAt),
    isPrivileged: fields(spec.securityContext).privileged === true,
    probes: [spec.livenessProbe, spec.readinessProbe].flatMap((probe) => {
      const command = list(fields(fields(probe).exec).command).map(text)
      return command.length > 0 ? [command] : []
    }),
  }
}

/** As many annotations as fit, in the order of the object. */
function shortOnes(all: Readonly<Record<string, string>>): Record<string, string> {
  const sizes = Object.entries(all).map(([name, value]) => ({
    name,
    size: name.length + value.length,
  }))
  const kept = new Set<string>()
  let room = annotationMax
  for (const { name, size } of sizes.sort((a, b) => a.size - b.size)) {
    room -= size
    if (room < 0) break
    kept.add(name)
  }
  return Object.fromEntries(Object.entries(all).filter(([name]) => kept.has(name)))
}
