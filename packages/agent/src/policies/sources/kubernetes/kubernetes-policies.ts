import { setTimeout as sleep } from 'node:timers/promises'
import { ApiClient, type WaitMs } from '@tetragon-ts/kubernetes'
import { type LabelSelector, labelMatcher, type PolicyKind, policyKinds } from '@tetragon-ts/policy'
import type { NodeKernel } from '@tetragon-ts/policy/status'
import { clusterAddress } from '../../../kubernetes/cluster-address.ts'
import type { NodeWatch } from '../../../kubernetes/node-watch.ts'
import { type WatchedResource, watchResource } from '../../../kubernetes/watched-resource.ts'
import { RequestError } from '../../../request-error.ts'
import type { RuleObjects } from '../../../rules/rule-control.ts'
import type { PolicyId } from '../../registry/policy-control.ts'
import { keyOf } from '../../registry/policy-id.ts'
import type { PolicyOrigin } from '../../registry/policy-origin.ts'
import type { PolicyRegistry } from '../../registry/policy-registry.ts'
import type { DescribedNode, PolicySource, SourceLog } from '../policy-source.ts'
import { AppliedPolicies } from './applied-policies.ts'
import { DetectionRules } from './detection-rules.ts'
import { KernelOffer, type OfferMs } from './kernel-offer.ts'
import { LatestChanges } from './latest-changes.ts'
import { NamespacedLimit } from './namespaced-limit.ts'
import { nodeStatusOf } from './node-status.ts'
import {
  contentText,
  kubernetesDomain,
  type PolicyObject,
  policyObject,
  readObject,
  resourcePath,
} from './policy-object.ts'
import type { ReportMs } from './report-times.ts'
import { SavedObjects, type SavedState } from './saved-objects.ts'
import { StatusReport } from './status-report.ts'
import type { OwnPod } from './stored-report.ts'

/** Options of the source. */
export interface KubernetesPolicyOptions {
  /** Path of a kubeconfig file; empty: the service account of the agent's pod. */
  readonly kubeconfig: string
  /** File for the state of the API server. */
  readonly savedPath: string
  /** Undefined: the states of policies are not reported. */
  readonly pod: Omit<OwnPod, 'namespace'> | undefined
}

/** Milliseconds. */
export interface KubernetesTimes {
  /** Maximum time that the start waits for the API server. */
  readonly start: number
  /** Maximum time that the start waits until the policies are loaded. */
  readonly load: number
  /** Between a change and its write to the file. */
  readonly save: number
  readonly watch?: WaitMs
  readonly report?: ReportMs
  readonly offer?: OfferMs
}

/**
 * Pauses grow slowly: the operator installs the CRDs some seconds after the agents have started,
 * and the first policies should not wait for as long again. Loading ends before the liveness probe
 * of the chart would restart the agent: policies of users who want that must not keep it from
 * becoming ready.
 */
const defaultTimes: KubernetesTimes = {
  start: 10_000,
  load: 120_000,
  save: 1000,
  watch: { min: 1000, max: 30_000, growth: 1.25 },
}

/** A policy, and its object; undefined: it does not exist. */
interface Change {
  readonly id: PolicyId
  readonly object: PolicyObject | undefined
}

/**
 * The policies in the API server, of both kinds, and its detection rules. An object that cannot be
 * loaded affects no other:
 * it is listed with its error until it is corrected or deleted.
 */
export class KubernetesPolicies implements PolicySource {
  readonly title = 'policies of the Kubernetes API'
  readonly #options: KubernetesPolicyOptions
  readonly #log: SourceLog
  readonly #times: KubernetesTimes
  readonly #origin: PolicyOrigin = { domain: kubernetesDomain }
  readonly #end = new AbortController()
  readonly #changes = new LatestChanges<Change>((change) => this.#apply(change))
  /** The objects that exist, by the key of their policy. */
  readonly #objects = new Map<string, PolicyObject>()
  readonly #applied = new AppliedPolicies()
  readonly #rules: DetectionRules
  #report: StatusReport | undefined
  #offer: KernelOffer | undefined
  readonly #limit: NamespacedLimit
  readonly #node: NodeWatch
  readonly #saved: SavedObjects
  /** Kinds of which all objects are known. */
  readonly #listed = new Set<PolicyKind>()
  /** Fulfilled when the node is known, or will not be known soon. */
  #nodeAnswered: Promise<unknown> = Promise.resolve()
  #registry: PolicyRegistry | undefined

  constructor(
    options: KubernetesPolicyOptions,
    node: NodeWatch,
    rules: RuleObjects,
    log: SourceLog,
    times: KubernetesTimes = defaultTimes,
    limit = new NamespacedLimit(),
  ) {
    this.#limit = limit
    this.#options = options
    this.#log = log
    this.#times = times
    this.#node = node
    this.#rules = new DetectionRules(rules, log, () => this.#report?.changed())
    const state = (): SavedState => {
      const accepted = [...this.#objects.values()].filter(({ problem }) => problem === undefined)
      return { labels: this.#node.labels, objects: accepted }
    }
    this.#saved = new SavedObjects(options.savedPath, state, log, times.save)
  }

  /**
   * Loads the policies that exist. If the API server does not answer in time, its last known ones
   * are loaded, and its changes when it answers.
   * @throws AgentError AGENT_OPTION
   */
  async start(registry: PolicyRegistry, node?: DescribedNode): Promise<void> {
    const address = clusterAddress(this.#options.kubeconfig, process.env)
    const client = new ApiClient(address)
    this.#registry = registry
    registry.register(this.#origin)
    const watch = <Item>(resource: WatchedResource<Item>): Promise<void> =>
      watchResource(client, resource, this.#log, this.#end.signal, this.#times.watch)
    const limit = sleep(this.#times.start, 'late' as const, { ref: false })
    this.#nodeAnswered = Promise.race([this.#node.start(), limit])
    this.#node.onChange(() => this.#selectAgain())
    const policies = policyKinds.map((kind) => watch(this.#policiesOf(kind)))
    const rules = watch(this.#rules.resource)
    if ((await Promise.race([Promise.all([...policies, rules]), limit])) === 'late') this.#restore()
    await this.#loaded()
    this.#reportTo(client, address.namespace, registry, node)
  }

  /** Waits for the policies that are known. */
  async #loaded(): Promise<void> {
    const limit = sleep(this.#times.load, 'late' as const, { ref: false })
    if ((await Promise.race([this.#changes.settled(), limit])) !== 'late') return
    const seconds = this.#times.load / 1000
    const effect = 'the agent starts without the others, and loads them next'
    this.#log.warning(`load ${this.title}: not all are loaded after ${seconds} s; ${effect}`)
  }

  close(): void {
    this.#end.abort()
    this.#report?.close()
    this.#offer?.close()
    this.#saved.close()
  }

  #reportTo(
    client: ApiClient,
    namespace: string | undefined,
    registry: PolicyRegistry,
    node: DescribedNode | undefined,
  ): void {
    if (this.#options.pod === undefined || namespace === undefined) return
    const pod = { ...this.#options.pod, namespace }
    const current = () => {
      const policies = this.#applied.reported(registry.entriesOf(this.#origin))
      return nodeStatusOf([...policies, ...this.#rules.reported])
    }
    const report = new StatusReport(client, pod, current, this.#log, this.#times.report)
    this.#report = report
    report.useClusterSize(mostNodes([...this.#objects.values()]))
    report.changed()
    if (node === undefined) return
    const describe = () => node.describeKernel()
    const use = (kernel: NodeKernel) => report.useKernel(kernel)
    this.#offer = new KernelOffer(client, pod, describe, use, this.#log, this.#times.offer)
  }

  /** Continues with the last known state of what the API server has not said yet. */
  #restore(): void {
    const seconds = this.#times.start / 1000
    const effect = 'its last known policies are loaded, and changes when it answers'
    this.#log.warning(`load ${this.title}: no answer within ${seconds} s; ${effect}`)
    const saved = this.#saved.read()
    if (saved === undefined) return
    const { labels, objects } = saved
    if (labels !== undefined) this.#node.restore(labels)
    for (const kind of policyKinds) {
      if (!this.#listed.has(kind)) this.#replace(kind, objects.filter(isOf(kind)))
    }
  }

  #policiesOf(kind: PolicyKind): WatchedResource<PolicyObject> {
    return {
      name: `${kind.plural}.cilium.io`,
      path: resourcePath(kind),
      selector: '',
      effect: 'loaded policies stay, and changes are seen when it succeeds',
      read: (object) => policyObject(kind, object),
      replace: (objects) => this.#replace(kind, objects),
      change: (object) => {
        this.#report?.useClusterSize(object.nodes)
        // Changes of the status are not changes of the policy.
        const before = this.#objects.get(keyOf(object.id))
        const isSame = before !== undefined && before.ref === object.ref
        if (isSame && contentText(before) === contentText(object)) return
        this.#change(object)
        this.#save()
      },
      remove: ({ id }) => {
        this.#remove(id)
        this.#save()
      },
    }
  }

  #replace(kind: PolicyKind, objects: readonly PolicyObject[]): void {
    const present = new Set(objects.map(({ id }) => keyOf(id)))
    const known = [...this.#objects.values(), ...(this.#registry?.entriesOf(this.#origin) ?? [])]
    for (const { id } of known.filter(isOf(kind))) if (!present.has(keyOf(id))) this.#remove(id)
    for (const object of objects) this.#change(object)
    this.#report?.useClusterSize(mostNodes(objects))
    this.#listed.add(kind)
    this.#save()
  }

  /** A part of the state must not replace the whole in the file. */
  #save(): void {
    if (this.#listed.size === policyKinds.length) this.#saved.changed()
  }

  #change(changed: PolicyObject): void {
    const object = this.#limit.admit(changed)
    const { id } = object
    this.#objects.set(keyOf(id), object)
    this.#changes.set(keyOf(id), { id, object })
  }

  #remove(id: PolicyId): void {
    this.#limit.release({ id })
    this.#objects.delete(keyOf(id))
    this.#changes.set(keyOf(id), { id, object: undefined })
  }

  /** The labels of the node have changed. */
  #selectAgain(): void {
    this.#save()
    for (const [key, object] of this.#objects) {
      if (object.selectsNodes) this.#changes.set(key, { id: object.id, object })
    }
  }

  /** Until the labels of the node are known, every selector selects it. */
  #selectsNode(selector: LabelSelector | undefined): boolean {
    const { labels } = this.#node
    return selector === undefined || labels === undefined || labelMatcher(selector)(labels)
  }

  async #apply({ id, object }: Change): Promise<void> {
    const registry = this.#registry
    if (registry === undefined || this.#end.signal.aborted) return
    let failure = ''
    try {
      if (object === undefined) await registry.withdraw(this.#origin, id)
      else await this.#put(registry, object)
    } catch (error) {
      failure = (error as Error).message
      if (!this.#end.signal.aborted) this.#log.warning(failure)
    }
    if (object === undefined) this.#applied.delete(id)
    else this.#applied.set(object, failure)
    this.#report?.changed()
  }

  /** @throws RequestError, AgentError */
  async #put(registry: PolicyRegistry, object: PolicyObject): Promise<void> {
    const { document, json, unreadable } = readObject(object)
    if (unreadable !== undefined) {
      await registry.refuse(this.#origin, object.id, { document, yaml: json }, unreadable)
      throw new RequestError('invalid', unreadable)
    }
    const { nodeSelector } = document.policy
    // At the start: a policy for other nodes would be loaded until the labels are known.
    if (nodeSelector !== undefined) await this.#nodeAnswered
    if (this.#selectsNode(nodeSelector)) await registry.put(this.#origin, document.forNode())
    else await registry.skip(this.#origin, document)
  }
}

/** The number of nodes in the newest status is not known: the largest delays reports most. */
function mostNodes(objects: readonly PolicyObject[]): number | undefined {
  const known = objects.flatMap(({ nodes }) => nodes ?? [])
  return known.length === 0 ? undefined : known.reduce((a, b) => Math.max(a, b))
}

/** Whether a policy is of a kind. */
function isOf({ scope }: PolicyKind): (policy: { readonly id: PolicyId }) => boolean {
  return ({ id }) => (id.namespace !== '') === (scope === 'Namespaced')
}
