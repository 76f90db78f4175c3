import { ancestorKinds } from '../reader/event-content.ts'
import type { OptionName, Settings } from './families/index.ts'

/**
 * Options that have no effect unless another is set: the reason, or undefined if they have an
 * effect.
 */
type Dependency = (settings: Settings) => string | undefined

const needs =
  (name: OptionName): Dependency =>
  (settings) => {
    const value = settings[name]
    const isEmpty = Array.isArray(value) && value.length === 0
    const isSet = value !== undefined && value !== '' && value !== false && !isEmpty
    return isSet ? undefined : `it requires --${name}`
  }

const oneOf =
  (...names: readonly OptionName[]): Dependency =>
  (settings) =>
    names.every((name) => needs(name)(settings) !== undefined)
      ? `it requires ${names.map((name) => `--${name}`).join(' or ')}`
      : undefined

const exportFile = needs('export-filename')
const aggregation = needs('enable-export-aggregation')
const metrics = oneOf('metrics-server', 'metrics-output')
const eventMetrics: Dependency = (settings) =>
  metrics(settings) ?? needs('enable-event-metrics')(settings)
const kubernetes = needs('enable-k8s-api')
const podFields = oneOf('enable-k8s-api', 'enable-cri', 'enable-nri')
const podWaits = oneOf('enable-policy-filter', 'enable-cri')

/** TLS is for TCP; a Unix socket does not need it. */
const tcp: Dependency = ({ 'server-address': address }) =>
  address === undefined || address === 'none' || address.kind === 'unix'
    ? 'the server has no TCP address (--server-address)'
    : undefined

const health: Dependency = (settings) =>
  settings['health-server-address'] === undefined && server(settings) !== undefined
    ? 'no server serves the health'
    : undefined

/** The rate limit is the last stage: what others do with events is lost. */
const output: Dependency = ({ 'export-rate-limit': limit }) =>
  limit === 0 ? '--export-rate-limit=0 exports nothing' : undefined

const server: Dependency = ({ 'server-address': address }) =>
  address === 'none' ? 'there is no server' : undefined

const metricLabels = ['namespace', 'workload', 'pod', 'binary']

function others(given: readonly string[], known: readonly string[]): string[] {
  return given.map((each) => each.trim()).filter((each) => each !== '' && !known.includes(each))
}

/** All options whose effect depends on other options. */
const dependencies: Partial<Record<OptionName, Dependency>> = {
  'filter-environment-variables': needs('enable-process-environment-variables'),
  'export-filename': output,
  'export-allowlist': output,
  'export-denylist': output,
  'enable-export-aggregation': output,
  'export-extension-fields': output,
  'export-file-perm': exportFile,
  'export-file-max-size-mb': exportFile,
  'export-file-rotation-interval': exportFile,
  'export-file-max-backups': exportFile,
  'export-file-compress': exportFile,
  'export-aggregation-window-size': aggregation,
  'export-aggregation-buffer-size': aggregation,
  'enable-event-metrics': metrics,
  'enable-msg-handling-latency': metrics,
  'metrics-label-filter': (settings) => {
    const unknown = others(settings['metrics-label-filter'], metricLabels)
    if (unknown.length > 0) return `unknown label ${unknown.join(', ')}`
    const needsApi = settings['metrics-label-filter'].some((each) => each.trim() === 'workload')
    if (needsApi && !settings['enable-k8s-api']) return 'workload requires --enable-k8s-api'
    return eventMetrics(settings)
  },
  'enable-ancestors': ({ 'enable-ancestors': given }) => {
    const unknown = others(given, ancestorKinds)
    return unknown.length > 0 ? `unknown kind ${unknown.join(', ')}` : undefined
  },
  'ancestors-max': ({ 'enable-ancestors': kinds }) =>
    kinds.length > 0 ? undefined : 'it requires --enable-ancestors',
  'k8s-kubeconfig-path': kubernetes,
  'enable-tracing-policy-crd': kubernetes,
  'enable-pod-annotations': podFields,
  'deleted-pod-cache-size': kubernetes,
  'cri-endpoint': needs('enable-cri'),
  'nri-endpoint': needs('enable-nri'),
  'event-cache-retries': podWaits,
  'event-cache-retry-delay': podWaits,
  'health-server-interval': health,
  'server-tls-cert-file': tcp,
  'server-tls-key-file': tcp,
  'server-tls-client-ca-files': tcp,
  'server-tls-require-client-cert': tcp,
  'server-allow-plaintext': tcp,
  'server-read-clients': server,
  'server-change-clients': server,
  'event-queue-size': server,
  'enable-deprecated-tracingpolicy-grpc': server,
  'persist-grpc-policies': server,
  'persist-grpc-policies-dir': needs('persist-grpc-policies'),
}

/** Why an option, or a part of its value, has no effect; undefined if it has one. */
export function withoutEffect(name: string, settings: Settings): string | undefined {
  return dependencies[name as OptionName]?.(settings)
}
