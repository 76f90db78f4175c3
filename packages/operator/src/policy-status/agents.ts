import { fields, type KubeObject, list, text } from '@tetragon-ts/kubernetes'

/** The pod of an agent. */
export interface AgentPod {
  readonly name: string
  readonly uid: string
  /** The scheduler has chosen it: it is not what the agent says. Empty: not yet. */
  readonly node: string
  /** Whether its reports are about policies in force: those of an agent that ended are not. */
  readonly isReady: boolean
  /** It is being deleted, or has ended for good. */
  readonly isOver: boolean
}

type PodObject = KubeObject & { readonly spec?: unknown; readonly status?: unknown }

/** @returns undefined for an object without a name */
export function readAgentPod({ metadata, spec, status }: PodObject): AgentPod | undefined {
  const { name, uid, deletionTimestamp } = fields(metadata)
  const { phase, conditions } = fields(status)
  if (text(name) === '') return undefined
  const ready = list(conditions)
    .map(fields)
    .find(({ type }) => type === 'Ready')
  return {
    name: text(name),
    uid: text(uid),
    node: text(fields(spec).nodeName),
    isReady: ready?.status === 'True',
    isOver: deletionTimestamp !== undefined || phase === 'Succeeded' || phase === 'Failed',
  }
}

/** The agents of the cluster, by the names of their pods. */
export class Agents {
  #pods = new Map<string, AgentPod>()
  /** In the order of their nodes; undefined: to be sorted again. */
  #sorted: readonly AgentPod[] | undefined

  /** Agents on nodes. */
  get all(): readonly AgentPod[] {
    this.#sorted ??= [...this.#pods.values()].sort((a, b) => (a.node < b.node ? -1 : 1))
    return this.#sorted
  }

  /** All pods that exist now. */
  replace(pods: readonly AgentPod[]): void {
    this.#pods = new Map(pods.filter(isOnNode).map((pod) => [pod.name, pod]))
    this.#sorted = undefined
  }

  /** @returns whether something has changed that matters */
  set(pod: AgentPod): boolean {
    if (!isOnNode(pod)) return this.delete(pod)
    const before = this.#pods.get(pod.name)
    if (before?.node === pod.node && before.isReady === pod.isReady) return false
    this.#pods.set(pod.name, pod)
    this.#sorted = undefined
    return true
  }

  /** @returns whether it was there */
  delete({ name }: Pick<AgentPod, 'name'>): boolean {
    this.#sorted = undefined
    return this.#pods.delete(name)
  }
}

function isOnNode({ node, isOver }: AgentPod): boolean {
  return node !== '' && !isOver
}
