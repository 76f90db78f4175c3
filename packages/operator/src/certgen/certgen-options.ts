import {
  duration,
  flag,
  list,
  type Option,
  type Options,
  type OptionTable,
  readCommandLine,
  readValues,
  text,
  type ValuesOf,
} from '@tetragon-ts/service/options'
import { OperatorError } from '../error.ts'

const days = (count: number): string => `${24 * count}h`

/** All options of `tetragon-operator certgen`, in the order of the help. */
export const certgenDeclarations = {
  'kube-config': text({
    value: 'FILE',
    help: 'kubeconfig file for the Kubernetes API; default: the service account of the pod',
  }),
  namespace: text({ help: 'namespace of the Secrets; default: that of the pod' }),
  'ca-secret': text({
    value: 'NAME',
    default: 'tetragon-ca',
    help: 'Secret with the certificate authority: ca.crt and ca.key',
  }),
  'generate-ca': flag({
    help: 'make the certificate authority if there is none, or if it expires before a new certificate',
  }),
  'ca-validity': duration({ default: days(1095), help: 'validity of the certificate authority' }),
  'server-secret': text({
    value: 'NAME',
    default: 'tetragon-server-certs',
    help: 'Secret for the certificate of the agents: tls.crt, tls.key and ca.crt',
  }),
  'server-names': list({
    omitsEmpty: true,
    value: 'NAMES',
    default: '*.tetragon-grpc.cilium.io',
    help: 'DNS names and IP addresses in the certificate of the agents, separated by commas',
  }),
  'client-secret': text({
    value: 'NAME',
    help: 'Secret for a certificate of clients: tls.crt, tls.key and ca.crt; default: none',
  }),
  validity: duration({ default: days(365), help: 'validity of the certificates' }),
  help: flag({ short: 'h', help: 'show this help', commandLineOnly: true }),
} as const satisfies Options

/** The values of all options. */
export type CertgenSettings = ValuesOf<typeof certgenDeclarations>

const table: OptionTable = {
  options: new Map<string, Option<unknown>>(Object.entries(certgenDeclarations)),
  advice: '; see --help',
  error: (message, options) => new OperatorError('OPERATOR_OPTION', message, options),
}

/** Certificates can state no year after 9999. */
const yearsMax = 1000
const validityMaxMs = yearsMax * 365 * 86_400_000

/** @throws OperatorError OPERATOR_OPTION */
export function readCertgenSettings(argv: readonly string[]): CertgenSettings {
  const settings = readValues(table, [readCommandLine(table, argv)]) as CertgenSettings
  for (const name of ['validity', 'ca-validity'] as const) {
    if (settings[name] > 0 && settings[name] <= validityMaxMs) continue
    const message = `read options: --${name} must be above 0 and at most ${yearsMax} years`
    throw new OperatorError('OPERATOR_OPTION', message)
  }
  return settings
}
