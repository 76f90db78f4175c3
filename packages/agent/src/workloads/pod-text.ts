import { joinArguments, type Pod } from '@tetragon-ts/api'
import type { PodText } from '../processes/workload.ts'
import type { ContainerFacts, PodFacts } from './pod-facts.ts'
import type { BundlePod, RuntimeNames } from './sources/bundle-pod.ts'

/**
 * Maximum length of the labels in events, as JSON. Each event has them: a pod whose object is full
 * of labels must not fill the export file with few events.
 */
const labelsMax = 1 << 16

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

/** The same for a container without a bundle. */
export function apiPodText(facts: PodFacts, id: string): PodText {
  const state = facts.containers.find((each) => each.id.endsWith(id))
  const text = state && {
    id: state.id,
    name: state.name,
    image: image(state.image, state.imageId),
    ...(state.startedAt !== '' && { start_time: state.startedAt }),
  }
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
  const more = facts && {
    ...(Object.keys(facts.labels).length > 0 && { pod_labels: facts.labels }),
    ...(facts.workload !== '' && { workload: facts.workload, workload_kind: facts.workloadKind }),
    ...(Object.keys(facts.annotations ?? {}).length > 0 && { pod_annotations: facts.annotations }),
  }
  const later = state?.isPrivileged ? { security_context: { privileged: true } } : {}
  const whole = container && { ...container, ...later }
  // The pid of the container is inserted before the end of its object, if there is one.
  const json = latin1(JSON.stringify({ ...identity, container }))
  const areTooLong = JSON.stringify(facts?.labels ?? {}).length > labelsMax
  const end = rest({ ...more, ...(areTooLong && { pod_labels: undefined }) })
  return {
    head: container ? json.slice(0, -2) : json.slice(0, -1) + end,
    tail: container ? rest(later) + end : '',
    hasContainer: container !== undefined,
    message: { ...identity, ...(whole && { container: whole }), ...more },
    labels: facts?.labels,
    probes: (state?.probes ?? []).map(([binary, ...args]) => ({
      binary,
      arguments: joinArguments(args),
    })),
  }
}

/** The last members of an object, and its end. */
function rest(members: object): string {
  const json = latin1(JSON.stringify(members))
  return json === '{}' ? '}' : `,${json.slice(1)}`
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}
