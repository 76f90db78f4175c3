import { isDeepStrictEqual } from 'node:util'
import {
  type ApiClient,
  ApiError,
  fields,
  type KubeObject,
  type ResourceHandler,
  watchResources,
} from '@tetragon-ts/kubernetes'
import { policyKinds } from '@tetragon-ts/policy'
import { detectionRuleKind, nodeStatusKind } from '@tetragon-ts/policy/status'
import { type AgentAccount, agentFolder, agentPods } from '../agent-account.ts'
import { WorkQueue } from '../work-queue.ts'
import { failureCounter, type WriteListener } from '../write-listener.ts'
import { type AgentPod, Agents, readAgentPod } from './agents.ts'
import {
  folderOf,
  type ReportedKind,
  readPolicy,
  WatchedPolicies,
  type WatchedPolicy,
} from './policies.ts'
import { policyStatus, statusObject } from './policy-status.ts'
import { type PodReport, readReport, sizeOf } from './report.ts'
import { Reports } from './reports.ts'
import { type Pace, StatusPacer } from './status-pacer.ts'

/** Numbers since the start. */
export interface PolicyStatusCounts {
  written: number
  /** Attempts that failed. */
  errors: number
}

/** Milliseconds after a change of a policy in which its status has precedence. */
const urgentMs = 120_000
const notFound = 404

/**
 * An installation may lack the newer CRD of detection rules: the operator must get ready without
 * it, since reports of agents about policies pass its webhook.
 */
function isOptional(name: string): boolean {
  return name === detectionRuleKind.plural
}

function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === notFound
}

/** Maximum number of characters of all reports while they are listed. */
const listedMax = 1 << 25

/**
 * Writes the status of policies: on how many nodes each is enabled, and its errors. Agents report
 * the states on their nodes in objects of their own; the pods of the agents say on which nodes they
 * are and whether they run. The contents of policies are not kept.
 */
export class PolicyStatuses {
  readonly #client: ApiClient
  readonly #account: AgentAccount
  readonly #listener: WriteListener
  readonly #counts: PolicyStatusCounts
  readonly #signal: AbortSignal
  readonly #agents = new Agents()
  readonly #reports = new Reports()
  readonly #policies = new WatchedPolicies()
  /** Watches whose first list has not arrived. Until then, numbers would be wrong. */
  readonly #missing: Set<string>
  /** What was written last, by key. */
  readonly #written = new Map<string, string>()
  readonly #queue: WorkQueue
  readonly #pacer: StatusPacer
  readonly #watching: Promise<unknown>

  /**
   * Starts; does not wait for the API server.
   * @param counts are incremented
   * @param signal ends it
   */
  constructor(
    client: ApiClient,
    account: AgentAccount,
    listener: WriteListener,
    counts: PolicyStatusCounts,
    signal: AbortSignal,
    pace?: Pace,
  ) {
    this.#client = client
    this.#account = account
    this.#listener = listener
    this.#counts = counts
    this.#signal = signal
    const failed = failureCounter(counts, listener)
    this.#queue = new WorkQueue({ run: (key) => this.#write(key), failed }, signal)
    const rules = {
      nodes: () => this.#agents.all.length,
      isUrgent: (key: string) => this.#policies.age(key) < urgentMs,
    }
    this.#pacer = new StatusPacer(rules, (key) => this.#queue.add(key), signal, pace)
    const kinds = policyKinds.map(({ plural }) => plural)
    this.#missing = new Set(['agents', nodeStatusKind.plural, ...kinds])
    const watches = [this.#watchAgents(), this.#watchReports()]
    this.#watching = Promise.all([
      ...watches,
      ...policyKinds.map((each) => this.#watchPolicies(each)),
      this.#watchPolicies(detectionRuleKind),
    ])
  }

  /** Numbers of objects, of omitted reports, and of statuses that wait to be written. */
  get sizes() {
    return {
      agents: this.#agents.all.length,
      reports: this.#reports.size,
      omittedReports: this.#reports.omitted,
      policies: this.#policies.size,
      waitingStatuses: this.#pacer.size + this.#queue.size,
    }
  }

  /** Waits until nothing is written any more; after the signal. */
  async close(): Promise<void> {
    await this.#watching
    await this.#queue.close()
  }

  /** Only pods with the account have tokens that may write reports. */
  #watchAgents(): Promise<void> {
    const changed = (hasChanged: boolean): void => {
      if (hasChanged) this.#addAll()
    }
    return this.#watch<AgentPod>('agents', this.#client, ...agentPods(this.#account), {
      read: readAgentPod,
      replace: (pods) => this.#agents.replace(pods),
      change: (pod) => changed(this.#agents.set(pod)),
      remove: (pod) => changed(this.#agents.delete(pod)),
    })
  }

  #watchReports(): Promise<void> {
    const { plural } = nodeStatusKind
    const path = agentFolder(this.#account, nodeStatusKind)
    // A list is complete before equal reports can be shared.
    let listed = 0
    return this.#watch<PodReport>(plural, this.#client, path, '', {
      read: (object) => {
        const found = readReport(object)
        if (found === undefined) return undefined
        listed += sizeOf(found.report)
        return listed <= listedMax ? found : { pod: found.pod, report: undefined }
      },
      replace: (reports) => {
        listed = 0
        this.#reports.replace(reports)
      },
      change: (report) => {
        listed = 0
        this.#addRefs(this.#reports.set(report))
      },
      failed: () => {
        listed = 0
      },
      remove: (report) => {
        listed = 0
        this.#addRefs(this.#reports.delete(report))
      },
    })
  }

  #watchPolicies(kind: ReportedKind): Promise<void> {
    const client = this.#client.withMetadataOnly()
    const forget = (key: string): void => {
      this.#pacer.delete(key)
      this.#written.delete(key)
    }
    return this.#watch<WatchedPolicy>(kind.plural, client, folderOf(kind), '', {
      read: (object) => readPolicy(kind, object),
      replace: (policies) => this.#policies.replace(kind, policies).forEach(forget),
      change: (policy) => {
        if (this.#policies.change(policy)) this.#add(policy.key)
      },
      remove: (policy) => {
        this.#policies.delete(policy)
        forget(policy.key)
      },
    })
  }

  /** Watches a resource. After a list, all statuses are written that differ. */
  #watch<Item>(
    name: string,
    client: ApiClient,
    path: string,
    selector: string,
    handler: Omit<ResourceHandler<Item>, 'started' | 'failed'> & { failed?(): void },
  ): Promise<void> {
    const all: ResourceHandler<Item> = {
      ...handler,
      replace: (items) => {
        handler.replace(items)
        this.#missing.delete(name)
        this.#addAll()
      },
      started: () => this.#listener.watched(name, undefined),
      failed: (error) => {
        handler.failed?.()
        if (!isOptional(name) || !isNotFound(error)) this.#listener.watched(name, error)
      },
    }
    return watchResources<Item>(client, path, selector, all, this.#signal)
  }

  #add(key: string): void {
    if (this.#missing.size === 0) this.#pacer.add(key)
  }

  #addAll(): void {
    for (const key of this.#policies.keys) this.#add(key)
  }

  #addRefs(refs: Iterable<string>): void {
    for (const ref of refs) {
      const key = this.#policies.keyOf(ref)
      if (key !== undefined) this.#add(key)
    }
  }

  /** A write names the version that it replaces: of two concurrent ones, the second fails. */
  async #write(key: string): Promise<void> {
    const policy = this.#policies.get(key)
    if (policy === undefined) return
    const status = policyStatus(policy, this.#agents.all, (pod) => this.#reports.get(pod))
    const text = `${policy.ref} ${JSON.stringify(status)}`
    if (this.#written.get(key) === text) return
    const stored = await this.#stored(key)
    if (stored === undefined) return
    const next = statusObject(status, stored.status, new Date())
    if (!isDeepStrictEqual(next, stored.status)) {
      await this.#client.update(`${key}/status`, { ...stored, status: next }, this.#signal)
      this.#counts.written++
    }
    this.#written.set(key, text)
  }

  /** Undefined: it was deleted, and the watch will say so. */
  async #stored(key: string): Promise<(KubeObject & { readonly status?: unknown }) | undefined> {
    try {
      return fields(await this.#client.get(key, this.#signal))
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }
}
