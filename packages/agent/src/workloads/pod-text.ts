import type { Pod } from '@tetragon-ts/api'
import { joinArguments } from '../processes/join-arguments.ts'
import type { PodText } from '../processes/workload.ts'
import type { ContainerFacts, PodFacts } from './pod-facts.ts'
import type { BundlePod, RuntimeNames } from './sources/bundle-pod.ts'

/**
 * Maximum length of the labels in events, as JSON. Each event has them: a pod whose object is full
 * of labels must not fill the export file with few events.
 */
const labelsMax = 1 << 16

/** Of a container, the JSON field and message if it is privileged. */
const privilegedContext = { security_context: { privileged: true } }

/** A pod as declared by its runtime, with the id and creation time of the container. */
export interface DeclaredPod {
  readonly pod: BundlePod
  readonly names: RuntimeNames
  readonly id: string
  readonly created: Date
}

/** A pod in events. @param facts the pod in the API; undefined: not known yet */
export function declaredPodText(
  { pod, names, id, created }: DeclaredPod,
  facts: PodFacts | undefined,
): PodText {
  const { namespace, name, uid, container } = pod
  const state = container && facts?.containers.find((each) => each.name === container.name)
  const ownId = `${names.scheme}://${id}`
  const text = container && {
    id: ownId,
    name: container.name,
    image: image(
      container.image || state?.image,
      // The state may be that of another run of the container, with another image id.
      state?.id === ownId ? state.imageId : digestName(container.image),
    ),
    start_time: created.toISOString(),
  }
  return podText({ namespace, name, uid }, text, state, facts)
}

/** The same for a container without a bundle. The API may not have its id yet. */
export function apiPodText(facts: PodFacts, id: string): PodText {
  const state = facts.containers.find((each) => each.id.endsWith(id))
  const text = state
    ? {
        id: state.id,
        name: state.name,
        image: image(state.image, state.imageId),
        ...(state.startedAt !== '' && { start_time: state.startedAt }),
      }
    : { id }
  return podText(facts, text, state, facts)
}

/** The name of an image if it has a digest: that is also its id in the API; otherwise empty. */
function digestName(name: string): string {
  return /@sha256:[0-9a-f]{64}$/.test(name) ? name : ''
}

function image(name = '', id = '') {
  return { ...(id !== '' && { id }), ...(name !== '' && { name }) }
}

function podText(
  { namespace, name, uid }: Pick<PodFacts, 'namespace' | 'name' | 'uid'>,
  container: Pod['container'],
  state: ContainerFacts | undefined,
  facts: PodFacts | undefined,
): PodText {
  const ownUid = facts?.uid || uid
  const identity = { namespace, name, ...(ownUid !== '' && { uid: ownUid }) }
  const later = state?.isPrivileged ? privilegedContext : {}
  const whole = container && { ...container, ...later }
  // The pid of the container is inserted before the end of its object, if there is one.
  const json = latin1(JSON.stringify({ ...identity, container }))
  const { message, pod, plain, privileged } = facts ? endOf(facts) : noEnd
  return {
    head: container ? json.slice(0, -2) : json.slice(0, -1) + pod,
    tail: container ? (state?.isPrivileged ? privileged : plain) : '',
    hasContainer: container !== undefined,
    message: { ...identity, ...(whole && { container: whole }), ...message },
    labels: facts?.labels,
    probes: (state?.probes ?? []).map(([binary, ...args]) => ({
      binary,
      arguments: joinArguments(args),
    })),
  }
}

/** The last members of a pod, which are the same for all of its containers. */
interface PodEnd {
  readonly message: Pick<Pod, 'pod_labels' | 'pod_annotations' | 'workload' | 'workload_kind'>
  /** JSON after the identity of a pod without a container. */
  readonly pod: string
  /** JSON after the pid of a container. */
  readonly plain: string
  readonly privileged: string
}

/** A pod may have any number of containers, and 64 KiB of labels: they share one text. */
const ends = new WeakMap<PodFacts, PodEnd>()

function endOf(facts: PodFacts): PodEnd {
  const cached = ends.get(facts)
  if (cached !== undefined) return cached
  const { labels, annotations = {}, workload, workloadKind } = facts
  const message = {
    ...(Object.keys(labels).length > 0 && { pod_labels: labels }),
    ...(workload !== '' && { workload, workload_kind: workloadKind }),
    ...(Object.keys(annotations).length > 0 && { pod_annotations: annotations }),
  }
  const end = endWith(message)
  ends.set(facts, end)
  return end
}

function endWith(message: PodEnd['message']): PodEnd {
  const areTooLong = JSON.stringify(message.pod_labels ?? {}).length > labelsMax
  const pod = rest({ ...message, ...(areTooLong && { pod_labels: undefined }) })
  return { message, pod, plain: rest({}) + pod, privileged: rest(privilegedContext) + pod }
}

/** The last members of an object, and its end. */
function rest(members: object): string {
  const json = latin1(JSON.stringify(members))
  return json === '{}' ? '}' : `,${json.slice(1)}`
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}

const noEnd = endWith({})
