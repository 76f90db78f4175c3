import type { Answer } from '@tetragon-ts/service/listen/http'
import {
  type Collector,
  collect,
  contentType,
  counter,
  gauge,
  nodejs,
  processCollector,
  textOf,
} from '@tetragon-ts/service/metrics'
import { leaseName } from '../leader/leader-election.ts'
import type { PolicyStatusCounts, PolicyStatuses } from '../policy-status/policy-statuses.ts'
import type { ReviewCounts } from './review-counts.ts'

/** Numbers for metrics. */
export interface OperatorNumbers {
  readonly version: string
  readonly isLeader: boolean
  readonly pods: number
  readonly podInfos: number
  readonly waiting: number
  readonly created: number
  readonly updated: number
  readonly errors: number
  readonly requestErrors: number
  readonly policySizes: PolicyStatuses['sizes']
  readonly policyStatusCounts: PolicyStatusCounts
  /** Kernels of nodes by the state of their description; undefined: they are not watched. */
  readonly kernels: Readonly<Record<string, number>> | undefined
  /** CRDs by what was done about them. */
  readonly crds: Readonly<Record<string, number>>
  /** Requests to the webhook by result; undefined: none is served. */
  readonly reviews: Readonly<Record<keyof ReviewCounts, number>> | undefined
}

const build = gauge('tetragon_operator_build_info', 'The release of the operator', 'version')
const leader = gauge(
  'leader_election_master_status',
  'Whether this replica is the leader: 1 or 0',
  'name',
)
const reconciled = counter(
  'controller_runtime_reconcile_total',
  'Writes of PodInfo objects and of the status of policies, by result',
  ...['controller', 'result'],
)
const depth = gauge('workqueue_depth', 'Objects that wait to be written', 'name')
const pods = gauge('tetragon_operator_pods', 'Pods in the cluster')
const podInfos = gauge('tetragon_operator_podinfos', 'PodInfo objects in the cluster')
const writes = counter(
  'tetragon_operator_podinfo_writes_total',
  'PodInfo objects that were written',
  'operation',
)
const crds = counter(
  'tetragon_operator_crds_total',
  'CRDs, by what was done about them: create, upgrade, replace, keep',
  'action',
)
const agents = gauge('tetragon_operator_agents', 'Pods of agents on nodes')
const reports = gauge(
  'tetragon_operator_node_reports',
  'Reports of agents about policies; omitted: they are too large for the memory of the operator',
  'result',
)
const policies = gauge('tetragon_operator_policies', 'Policies in the cluster')
const reviews = counter(
  'tetragon_operator_webhook_requests_total',
  'Requests to the webhook, by result: allowed, refused, unreviewed (too large), failed',
  'result',
)
const kernels = gauge(
  'tetragon_operator_kernels',
  'Different kernels of nodes, by the state of their description: known, awaited, wrong, refused',
  'state',
)
const failures = counter(
  'tetragon_operator_request_errors_total',
  'Failed requests for leases, CRDs and watches',
)
const controller = 'podinfo'
const statusController = 'tracingpolicystatus'

/** The operator's own metrics; names of controller-runtime where it has the same. */
export const operatorCollector: Collector<OperatorNumbers> = {
  metrics: [
    ...[build, leader, reconciled, depth, pods, podInfos, writes],
    ...[agents, reports, policies, crds, reviews, kernels, failures],
  ],
  collect(numbers, emit) {
    const { created, updated, errors } = numbers
    emit(build, 1, numbers.version)
    emit(leader, numbers.isLeader ? 1 : 0, leaseName)
    emit(reconciled, created + updated, controller, 'success')
    emit(reconciled, errors, controller, 'error')
    emit(depth, numbers.waiting, controller)
    emit(pods, numbers.pods)
    emit(podInfos, numbers.podInfos)
    emit(writes, created, 'create')
    emit(writes, updated, 'update')
    const { policySizes: sizes, policyStatusCounts } = numbers
    emit(reconciled, policyStatusCounts.written, statusController, 'success')
    emit(reconciled, policyStatusCounts.errors, statusController, 'error')
    emit(depth, sizes.waitingStatuses, statusController)
    emit(agents, sizes.agents)
    emit(reports, sizes.reports, 'kept')
    emit(reports, sizes.omittedReports, 'omitted')
    emit(policies, sizes.policies)
    for (const [action, count] of Object.entries(numbers.crds)) emit(crds, count, action)
    for (const [result, count] of Object.entries(numbers.reviews ?? {}))
      emit(reviews, count, result)
    for (const [state, count] of Object.entries(numbers.kernels ?? {})) emit(kernels, count, state)
    emit(failures, numbers.requestErrors)
  },
}

/** The answer of /metrics. */
export async function metricsAnswer(numbers: OperatorNumbers): Promise<Answer> {
  const text = textOf(await collect([operatorCollector, processCollector, nodejs], numbers))
  return { type: contentType, text }
}
