import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { ApiClient, type ClusterAddress, clusterAddress } from '@tetragon-ts/kubernetes'
import type { TcpAddress } from '@tetragon-ts/service/listen'
import {
  type Answer,
  type HttpListener,
  type Paths,
  servePaths,
} from '@tetragon-ts/service/listen/http'
import { throwListenError } from './endpoints/listen-error.ts'
import { metricsAnswer } from './endpoints/metrics.ts'
import { Status, type StatusListener } from './endpoints/status.ts'
import { OperatorError } from './error.ts'
import { KernelChecks } from './kernels/kernel-checks.ts'
import { KernelWatch } from './kernels/kernel-watch.ts'
import { LeaderElection } from './leader/leader-election.ts'
import type { Log } from './log.ts'
import { Operator } from './operator.ts'
import type { OperatorOptions } from './operator-options.ts'
import { Replica } from './replica.ts'
import { admissionHandlers } from './webhook/handlers.ts'
import { Webhook } from './webhook/webhook.ts'

const electionPart = 'elect a leader'
const unavailable = 503

/**
 * The composition root: creates the parts of the operator and runs them until the signal.
 * @throws OperatorError OPERATOR_OPTION, OPERATOR_SERVER; KubernetesError KUBERNETES_ADDRESS
 */
export async function serve(
  options: OperatorOptions,
  { log, version }: { readonly log: Log; readonly version: string },
  end: AbortSignal,
): Promise<void> {
  const address = clusterAddress(options.kubeconfig, process.env)
  const client = new ApiClient(address)
  const changed: StatusListener = (part, problem) => {
    if (problem === undefined) log.info(`${part}: succeeded`)
    else log.warning(`${part}: ${problem}; it is tried again`)
  }
  const status = new Status(changed)
  // Without kernels, the webhook works: they do not affect the readiness.
  const kernels = kernelsOf(client, options, new Status(changed), log, end)
  const checks = kernels && new KernelChecks(kernels)
  const operator = new Operator(client, options, status, log, kernels)
  const replica = new Replica(operator, electionOf(client, address, options, status), status, log)
  const { crdCounts, podInfoCounts, policyStatusCounts } = operator
  const handlers = admissionHandlers(options.agents, checks)
  const webhook = await startWebhook(client, address, options, handlers, new Status(changed), log)
  const numbers = () => ({
    version,
    isLeader: replica.isLeader,
    requestErrors: status.failures,
    crds: crdCounts,
    ...operator.sizes,
    ...podInfoCounts,
    reviews: webhook?.counts,
    policySizes: operator.policySizes,
    policyStatusCounts,
    kernels: kernels?.sizes,
  })
  const problems = () => [...status.problems, ...(webhook?.problems ?? [])]
  const served: readonly (readonly [TcpAddress | undefined, Paths])[] = [
    [
      options.health,
      { '/healthz': () => ({ text: 'ok\n' }), '/readyz': () => readiness(problems()) },
    ],
    [options.metrics, { '/metrics': () => metricsAnswer(numbers()) }],
  ]
  const endpoints: HttpListener[] = []
  try {
    for (const [at, paths] of served) {
      if (at === undefined) continue
      const endpoint = await servePaths(at, paths).catch(throwListenError(at))
      endpoints.push(endpoint)
      log.info(`serving ${Object.keys(paths).join(' and ')} on ${at.host}:${endpoint.port}`)
    }
    await Promise.all([replica.run(end), webhook?.run(end)])
  } finally {
    for (const endpoint of endpoints) await endpoint.close()
    await webhook?.close()
    checks?.close()
  }
}

/** Only the webhook needs the kernels of nodes. */
function kernelsOf(
  client: ApiClient,
  { webhook, agents }: OperatorOptions,
  status: Status,
  log: Log,
  end: AbortSignal,
): KernelWatch | undefined {
  if (webhook === undefined || agents === undefined) return undefined
  const failed = (name: string, { message }: Error): void =>
    log.warning(`read the description ${name}: ${message}; it is tried again`)
  const watched = (kind: string, error: Error | undefined): void => {
    if (error === undefined) status.succeed(`watch kernels: ${kind}`)
    else status.fail(`watch kernels: ${kind}`, error)
  }
  return new KernelWatch(client, agents, { watched, failed }, end)
}

function readiness(problems: readonly string[]): Answer {
  if (problems.length === 0) return { text: 'ok\n' }
  return { status: unavailable, text: `${problems.join('\n')}\n` }
}

async function startWebhook(
  client: ApiClient,
  address: ClusterAddress,
  { webhook }: OperatorOptions,
  handlers: ReturnType<typeof admissionHandlers>,
  status: Status,
  log: Log,
): Promise<Webhook | undefined> {
  if (webhook === undefined) return undefined
  const namespace = webhook.names.namespace || address.namespace
  if (namespace === undefined) {
    const message = 'read options: --webhook-bind-address needs --webhook-namespace here'
    throw new OperatorError('OPERATOR_OPTION', message)
  }
  const names = { ...webhook.names, namespace }
  return Webhook.start(client, webhook.at, names, handlers, status, log)
}

function electionOf(
  client: ApiClient,
  address: ClusterAddress,
  { election }: OperatorOptions,
  status: Status,
): LeaderElection | undefined {
  if (election === undefined) return undefined
  const namespace = election.namespace || address.namespace
  if (namespace === undefined) {
    const message = 'read options: --leader-election needs --leader-election-namespace here'
    throw new OperatorError('OPERATOR_OPTION', message)
  }
  const identity = `${hostname()}_${randomUUID()}`
  return new LeaderElection(
    client,
    identity,
    { namespace, ms: election.ms },
    {
      failed: (error) => status.fail(electionPart, error),
      succeeded: () => status.succeed(electionPart),
    },
  )
}
