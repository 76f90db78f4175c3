import { fields, type KubeObject, text } from '@tetragon-ts/kubernetes'
import type { PolicyKind } from '@tetragon-ts/policy'
import { policyRef } from '@tetragon-ts/policy/status'

/** What is kept of a policy: not its content, which may be large. */
export interface WatchedPolicy {
  /** Path in the API. */
  readonly key: string
  /** Plural of its kind. */
  readonly plural: string
  readonly generation: number
  /** Its name in reports of agents. */
  readonly ref: string
}

/** A kind whose states agents report: policies and detection rules. */
export type ReportedKind = Pick<PolicyKind, 'plural' | 'scope'>

/** Maximum number of policies. */
const policiesMax = 20_000

/** Folder of the objects of a kind in the API, in all namespaces. */
export function folderOf({ plural }: ReportedKind): string {
  return `/apis/cilium.io/v1alpha1/${plural}`
}

/** @returns undefined for an object without a name or uid */
export function readPolicy(kind: ReportedKind, object: KubeObject): WatchedPolicy | undefined {
  const { name, namespace, uid, generation } = fields(object.metadata)
  if (text(name) === '' || text(uid) === '' || typeof generation !== 'number') return undefined
  const where = kind.scope === 'Cluster' ? '' : `/namespaces/${encodeURIComponent(text(namespace))}`
  const key = `/apis/cilium.io/v1alpha1${where}/${kind.plural}/${encodeURIComponent(text(name))}`
  return { key, plural: kind.plural, generation, ref: policyRef(text(uid), generation) }
}

/** The policies of the cluster. */
export class WatchedPolicies {
  readonly #byKey = new Map<string, WatchedPolicy>()
  readonly #keys = new Map<string, string>()
  /** Keys of policies that changed since the start, with the time. */
  readonly #changed = new Map<string, number>()

  get size(): number {
    return this.#byKey.size
  }

  get keys(): Iterable<string> {
    return this.#byKey.keys()
  }

  get(key: string): WatchedPolicy | undefined {
    return this.#byKey.get(key)
  }

  /** The key of a policy by its name in reports; undefined: it does not exist any more. */
  keyOf(ref: string): string | undefined {
    return this.#keys.get(ref)
  }

  /** Milliseconds since its author has changed a policy. */
  age(key: string): number {
    return performance.now() - (this.#changed.get(key) ?? Number.NEGATIVE_INFINITY)
  }

  /** All policies of a kind that exist now. @returns keys of those that were removed */
  replace(kind: ReportedKind, policies: readonly WatchedPolicy[]): string[] {
    const present = new Set(policies.map(({ key }) => key))
    const removed = [...this.#byKey.values()]
      .filter(({ key, plural }) => plural === kind.plural && !present.has(key))
      .map(({ key }) => key)
    for (const key of removed) this.delete({ key })
    for (const policy of policies) this.#set(policy)
    return removed
  }

  /** @returns whether it is new, or has another generation */
  change(policy: WatchedPolicy): boolean {
    if (this.#byKey.get(policy.key)?.ref === policy.ref || !this.#set(policy)) return false
    this.#changed.set(policy.key, performance.now())
    return true
  }

  delete({ key }: Pick<WatchedPolicy, 'key'>): void {
    const policy = this.#byKey.get(key)
    if (policy !== undefined) this.#keys.delete(policy.ref)
    this.#byKey.delete(key)
    this.#changed.delete(key)
  }

  #set(policy: WatchedPolicy): boolean {
    const before = this.#byKey.get(policy.key)
    if (before === undefined && this.#byKey.size >= policiesMax) return false
    if (before !== undefined) this.#keys.delete(before.ref)
    this.#byKey.set(policy.key, policy)
    this.#keys.set(policy.ref, policy.key)
    return true
  }
}
