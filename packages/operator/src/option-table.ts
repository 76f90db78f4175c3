import {
  duration,
  type EnvironmentTable,
  flag,
  type Option,
  type Options,
  option,
  optional,
  text,
  type ValuesOf,
} from '@tetragon-ts/service/options'
import { agentAccount } from './agent-account.ts'
import { bindAddress } from './bind-address.ts'
import { OperatorError } from './error.ts'

/** All options of `tetragon-operator serve`, in the order of the help; as in Tetragon. */
export const declarations = {
  'skip-crd-creation': flag({ help: 'install no CRDs' }),
  'skip-tracing-policy-crd': flag({
    help: 'do not install the CRDs of TracingPolicy and TracingPolicyNamespaced',
  }),
  'skip-pod-info-crd': flag({ help: 'do not install the CRD of PodInfo, and write no PodInfo' }),
  'force-update-crds': flag({
    help: 'also replace CRDs whose schema is not older than that of this release',
  }),
  'agent-service-account': optional({
    value: 'NAMESPACE/NAME',
    help: 'write the status of policies, as pods with this service account report it',
    read: agentAccount,
  }),
  'kube-config': text({
    value: 'FILE',
    help: "kubeconfig file for the Kubernetes API; default: the service account of the operator's pod",
  }),
  'leader-election': flag({ help: 'let only one of several replicas work' }),
  'leader-election-namespace': text({
    value: 'NAMESPACE',
    help: "namespace of the Lease; default: that of the operator's pod, or of the kubeconfig file",
  }),
  'leader-election-lease-duration': duration({
    default: '15s',
    help: 'time after the last renewal until another replica takes over',
  }),
  'leader-election-renew-deadline': duration({
    default: '5s',
    help: 'time without a renewal until the leader stops its work',
  }),
  'leader-election-retry-period': duration({
    default: '2s',
    help: 'time between attempts to acquire or renew the Lease',
  }),
  'health-probe-bind-address': option({
    value: 'ADDRESS',
    default: ':8081',
    help: 'serve /healthz and /readyz at this address; 0: not at all',
    read: bindAddress,
  }),
  'metrics-bind-address': option({
    value: 'ADDRESS',
    default: '0',
    help: 'serve /metrics for Prometheus at this address; 0: not at all',
    read: bindAddress,
  }),
  'webhook-bind-address': option({
    value: 'ADDRESS',
    default: '0',
    help: 'serve the validating webhook over HTTPS at this address; 0: not at all',
    read: bindAddress,
  }),
  'webhook-name': text({
    value: 'NAME',
    default: 'tetragon-operator-webhook',
    help: "name of the webhook's Service, and of its ValidatingWebhookConfiguration",
  }),
  'webhook-namespace': text({
    value: 'NAMESPACE',
    help: "namespace of the webhook's Service; default: that of the operator's pod",
  }),
  'config-dir': text({
    value: 'FOLDER',
    help: 'read options from files in this folder, named like the options',
  }),
  help: flag({ short: 'h', help: 'show this help', commandLineOnly: true }),
} as const satisfies Options

/** The values of all options. */
export type Settings = ValuesOf<typeof declarations>

/** The options with what their sources need to know. */
export const optionTable: EnvironmentTable = {
  options: new Map<string, Option<unknown>>(Object.entries(declarations)),
  prefix: 'TETRAGON_OPERATOR_',
  leftOut: new Map([['cmdref', '--help lists all options']]),
  advice: '; see --help',
  error: (message, options) => new OperatorError('OPERATOR_OPTION', message, options),
}
