import { once } from 'node:events'
import type { ApiClient } from '@tetragon-ts/kubernetes'
import { type Crd, podInfoCrd, policyCrds } from '@tetragon-ts/policy/crds'
import { retry } from '@tetragon-ts/service/retry'
import type { AgentAccount } from './agent-account.ts'
import type { CrdPlan } from './crds/crd-plan.ts'
import { waitUntilEstablished } from './crds/established.ts'
import { installCrds } from './crds/install-crds.ts'
import type { Status } from './endpoints/status.ts'
import { requestKernels } from './kernels/kernel-requests.ts'
import type { KernelWatch } from './kernels/kernel-watch.ts'
import type { Log } from './log.ts'
import type { OperatorOptions } from './operator-options.ts'
import { type PodInfoCounts, PodInfos } from './pod-info/pod-infos.ts'
import { type PolicyStatusCounts, PolicyStatuses } from './policy-status/policy-statuses.ts'
import type { WriteListener } from './write-listener.ts'

/** What the leader does. */
export type Tasks = Pick<OperatorOptions, 'crds' | 'podInfo' | 'agents'>

/** Pauses between attempts to install CRDs, in milliseconds. */
const pauses = { min: 1000, max: 30_000 }

/** The part of the status about CRDs. */
const crdPart = 'install CRDs'

const done: Readonly<Record<CrdPlan['action'], string>> = {
  create: 'created',
  upgrade: 'upgraded',
  replace: 'replaced',
  keep: 'kept',
}

/**
 * The work of the leader: installs CRDs, then writes PodInfos and the status of policies, and asks
 * for descriptions of kernels.
 */
export class Operator {
  readonly #client: ApiClient
  readonly #tasks: Tasks
  readonly #status: Status
  readonly #log: Log
  readonly #kernels: KernelWatch | undefined
  readonly crdCounts: Record<CrdPlan['action'], number> = {
    create: 0,
    upgrade: 0,
    replace: 0,
    keep: 0,
  }
  readonly podInfoCounts: PodInfoCounts = { created: 0, updated: 0, errors: 0 }
  readonly policyStatusCounts: PolicyStatusCounts = { written: 0, errors: 0 }
  #podInfos: PodInfos | undefined
  #policyStatuses: PolicyStatuses | undefined

  /** @param kernels undefined: agents are not asked for descriptions of kernels */
  constructor(client: ApiClient, tasks: Tasks, status: Status, log: Log, kernels?: KernelWatch) {
    this.#client = client
    this.#kernels = kernels
    this.#tasks = tasks
    this.#status = status
    this.#log = log
  }

  /** Zero unless this replica writes PodInfo objects. */
  get sizes(): PodInfos['sizes'] {
    return this.#podInfos?.sizes ?? { pods: 0, podInfos: 0, waiting: 0 }
  }

  /** Zero unless this replica writes the status of policies. */
  get policySizes(): PolicyStatuses['sizes'] {
    const none = { agents: 0, reports: 0, omittedReports: 0, policies: 0, waitingStatuses: 0 }
    return this.#policyStatuses?.sizes ?? none
  }

  /** Works until the signal. When it returns, nothing is written any more. */
  async work(signal: AbortSignal): Promise<void> {
    const crds = crdsOf(this.#tasks)
    if (crds.length > 0) await this.#installCrds(crds, signal)
    if (signal.aborted) return
    await Promise.all([
      aborted(signal),
      this.#tasks.podInfo && this.#writePodInfos(signal),
      this.#tasks.agents && this.#writePolicyStatuses(this.#tasks.agents, signal),
      this.#kernels && this.#requestKernels(this.#kernels, signal),
    ])
  }

  async #writePodInfos(signal: AbortSignal): Promise<void> {
    const listener = this.#listener('PodInfo')
    this.#podInfos = new PodInfos(this.#client, listener, this.podInfoCounts, signal)
    await this.#podInfos.close()
    this.#podInfos = undefined
  }

  async #writePolicyStatuses(agents: AgentAccount, signal: AbortSignal): Promise<void> {
    const [client, counts] = [this.#client, this.policyStatusCounts]
    const listener = this.#listener('status of')
    this.#policyStatuses = new PolicyStatuses(client, agents, listener, counts, signal)
    await this.#policyStatuses.close()
    this.#policyStatuses = undefined
  }

  async #requestKernels(kernels: KernelWatch, signal: AbortSignal): Promise<void> {
    const failed = ({ message }: Error) =>
      this.#log.warning(`ask for descriptions of kernels: ${message}; it is tried again`)
    await requestKernels(this.#client, kernels, failed, signal)
  }

  /** @param written what is written, for messages */
  #listener(written: string): WriteListener {
    return {
      watched: (kind, error) => {
        if (error === undefined) this.#status.succeed(`watch ${kind}`)
        else this.#status.fail(`watch ${kind}`, error)
      },
      failed: (key, error) =>
        this.#log.warning(`write ${written} ${key}: ${error.message}; it is tried again`),
    }
  }

  /** Tries until it succeeds: the API server may not be reachable yet. */
  async #installCrds(crds: readonly Crd[], signal: AbortSignal): Promise<void> {
    this.#status.expect(crdPart)
    const again = (error: Error): boolean => {
      this.#status.fail(crdPart, error)
      return true
    }
    try {
      await retry(() => this.#install(crds, signal), { pauses, signal, again })
      this.#status.succeed(crdPart)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  async #install(crds: readonly Crd[], signal: AbortSignal): Promise<void> {
    const plans = await installCrds(this.#client, crds, this.#tasks.crds?.force === true, signal)
    for (const plan of plans) {
      this.crdCounts[plan.action]++
      const from =
        plan.action === 'create' ? '' : ` (its schema has version ${plan.from || 'none'})`
      this.#log.info(`${done[plan.action]} CRD ${plan.name}${from}`)
    }
    const names = crds.map(({ metadata }) => metadata.name)
    await waitUntilEstablished(this.#client, names, signal)
  }
}

function crdsOf({ crds, podInfo }: Tasks): Crd[] {
  if (crds === undefined) return []
  return [...(crds.policies ? policyCrds() : []), ...(podInfo ? [podInfoCrd()] : [])]
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
