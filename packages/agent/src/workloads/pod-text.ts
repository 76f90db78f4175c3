import { joinArguments, type Pod } from '@tetragon-ts/api'
import type { PodText } from '../processes/workload.ts'
import type { ContainerFacts, PodFacts } from './pod-facts.ts'
import type { BundlePod, RuntimeNames } from './sources/bundle-pod.ts'

/** A pod as its runtime declares it, with the id of the container and when it was created. */
export interface DeclaredPod {
  readonly pod: BundlePod
  readonly names: RuntimeNames
  readonly id: string
  readonly created: Date
}

/** A pod in events. @param facts of the API server, if it knows the pod */
export function declaredPodText(
  { pod, names, id, created }: DeclaredPod,
  facts: PodFacts | undefined,
): PodText {
  const { namespace, name, uid, container } = pod
  const known = container && facts?.containers.find((each) => each.name === container.name)
  const ownId = `${names.scheme}://${id}`
  const text = container && {
    id: ownId,
    name: container.name,
    // Of another run of the same container the state says nothing.
    image: image(container.image || known?.image, known?.id === ownId ? known.imageId : ''),
    start_time: created.toISOString(),
  }
  return podText({ namespace, name, uid }, text, known, facts)
}

/** The same of a container without a bundle. */
export function knownPodText(facts: PodFacts, id: string): PodText {
  const known = facts.containers.find((each) => each.id.endsWith(id))
  const text = known && {
    id: known.id,
    name: known.name,
    image: image(known.image, known.imageId),
    ...(known.startedAt !== '' && { start_time: known.startedAt }),
  }
  return podText(facts, text, known, facts)
}

function image(name = '', id = '') {
  return { ...(id !== '' && { id }), ...(name !== '' && { name }) }
}

function podText(
  { namespace, name, uid }: Pick<PodFacts, 'namespace' | 'name' | 'uid'>,
  container: Pod['container'],
  known: ContainerFacts | undefined,
  facts: PodFacts | undefined,
): PodText {
  const ownUid = facts?.uid || uid
  const identity = { namespace, name, ...(ownUid !== '' && { uid: ownUid }) }
  const more = facts && {
    ...(Object.keys(facts.labels).length > 0 && { pod_labels: facts.labels }),
    workload: facts.workload,
    workload_kind: facts.workloadKind,
    ...(Object.keys(facts.annotations ?? {}).length > 0 && { pod_annotations: facts.annotations }),
  }
  const later = known?.isPrivileged ? { security_context: { privileged: true } } : {}
  const whole = container && { ...container, ...later }
  // Without container the object of the pod ends here, else that of the container does too.
  const json = latin1(JSON.stringify({ ...identity, container }))
  const end = rest(more ?? {})
  return {
    head: container ? json.slice(0, -2) : json.slice(0, -1) + end,
    tail: container ? rest(later) + end : '',
    hasContainer: container !== undefined,
    message: { ...identity, ...(whole && { container: whole }), ...more },
    probes: (known?.probes ?? []).map(([binary, ...args]) => ({
      binary,
      arguments: joinArguments(args),
    })),
  }
}

/** Members that come last in an object, and its end. */
function rest(members: object): string {
  const json = latin1(JSON.stringify(members))
  return json === '{}' ? '}' : `,${json.slice(1)}`
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}
