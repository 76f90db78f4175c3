import type { TcpAddress } from '@tetragon-ts/service/listen'
import {
  type FileValues,
  readCommandLine,
  readDropIns,
  readEnvironment,
  readValues,
} from '@tetragon-ts/service/options'
import type { AgentAccount } from './agent-account.ts'
import { OperatorError } from './error.ts'
import type { ElectionMs } from './leader/leader-election.ts'
import { durationMaxMs } from './leader/lease.ts'
import { optionTable, type Settings } from './option-table.ts'
import type { WebhookNames } from './webhook/serving-certificate.ts'

/** Options of the operator. */
export interface OperatorOptions {
  /** Path of a kubeconfig file; empty: the service account. */
  readonly kubeconfig: string
  /** Undefined: no CRDs are installed. */
  readonly crds: { readonly policies: boolean; readonly force: boolean } | undefined
  /** Whether there are PodInfo objects. */
  readonly podInfo: boolean
  /** Service account of the agents; undefined: the status of policies is not written. */
  readonly agents: AgentAccount | undefined
  /** Undefined: this replica works without an election. An empty namespace: the own one. */
  readonly election: { readonly namespace: string; readonly ms: ElectionMs } | undefined
  readonly health: TcpAddress | undefined
  readonly metrics: TcpAddress | undefined
  /** Undefined: no webhook is served. An empty namespace: the own one. */
  readonly webhook: { readonly at: TcpAddress; readonly names: WebhookNames } | undefined
}

/** The request of a command line. */
export type Request =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'serve'
      readonly options: OperatorOptions
      /** About unknown options in files, and options without effect. */
      readonly warnings: readonly string[]
    }

/**
 * Reads the options: the command line overrides the environment, which overrides files.
 * @param argv what follows the command
 * @throws OperatorError OPERATOR_OPTION
 */
export function readRequest(argv: readonly string[], env: NodeJS.ProcessEnv): Request {
  const given = [readEnvironment(optionTable, env), readCommandLine(optionTable, argv)]
  const early = readValues(optionTable, given) as Settings
  if (early.help) return { kind: 'help' }
  const files = filesOf(early['config-dir'])
  const settings = readValues(optionTable, [files.given, ...given]) as Settings
  checkTimes(settings)
  const warnings = [...files.warnings, ...withoutEffect(settings)]
  return { kind: 'serve', options: optionsOf(settings), warnings }
}

function filesOf(folder: string): FileValues {
  if (folder === '') return { given: new Map(), warnings: [] }
  const values = readDropIns(optionTable, folder)
  if (values !== undefined) return values
  throw new OperatorError('OPERATOR_OPTION', `read options: folder ${folder} does not exist`)
}

function optionsOf(settings: Settings): OperatorOptions {
  return {
    kubeconfig: settings['kube-config'],
    crds: settings['skip-crd-creation']
      ? undefined
      : { policies: !settings['skip-tracing-policy-crd'], force: settings['force-update-crds'] },
    podInfo: !settings['skip-pod-info-crd'],
    agents: settings['agent-service-account'],
    election: settings['leader-election']
      ? { namespace: settings['leader-election-namespace'], ms: timesOf(settings) }
      : undefined,
    health: settings['health-probe-bind-address'],
    metrics: settings['metrics-bind-address'],
    webhook: webhookOf(settings),
  }
}

const electionOptions = [
  'leader-election-namespace',
  'leader-election-lease-duration',
  'leader-election-renew-deadline',
  'leader-election-retry-period',
] as const

function webhookOf(settings: Settings): OperatorOptions['webhook'] {
  const at = settings['webhook-bind-address']
  const names = { name: settings['webhook-name'], namespace: settings['webhook-namespace'] }
  return at && { at, names }
}

function timesOf(settings: Settings): ElectionMs {
  return {
    lease: settings['leader-election-lease-duration'],
    renew: settings['leader-election-renew-deadline'],
    retry: settings['leader-election-retry-period'],
  }
}

/** A leader must stop before another replica takes over, and try more than once before it stops. */
function checkTimes(settings: Settings): void {
  const { lease, renew, retry } = timesOf(settings)
  if (lease > durationMaxMs) {
    const message = 'read options: the maximum of --leader-election-lease-duration is 1h'
    throw new OperatorError('OPERATOR_OPTION', message)
  }
  if (lease > renew && renew > retry && retry > 0) return
  const names = ['lease-duration', 'renew-deadline', 'retry-period']
  const order = names.map((name) => `--leader-election-${name}`).join(' > ')
  throw new OperatorError('OPERATOR_OPTION', `read options: required: ${order} > 0`)
}

/** Options that differ from their defaults, but need another one. */
function dependents(
  settings: Settings,
  names: readonly (keyof Settings)[],
  needed: keyof Settings,
): string[] {
  if (settings[needed]) return []
  const defaults = readValues(optionTable, []) as Settings
  const set = names.filter((name) => settings[name] !== defaults[name])
  return set.map((name) => `--${name} requires --${needed}`)
}

function withoutEffect(settings: Settings): string[] {
  const skips = settings['skip-crd-creation']
  return [
    ...(skips && settings['force-update-crds']
      ? ['--force-update-crds has no effect with --skip-crd-creation']
      : []),
    ...dependents(settings, ['webhook-name', 'webhook-namespace'], 'webhook-bind-address'),
    ...dependents(settings, electionOptions, 'leader-election'),
  ]
}
