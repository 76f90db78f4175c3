import { parseAddress } from '@tetragon-ts/service/listen'
import { flag, integer, list, optional, text } from '@tetragon-ts/service/options'
import {
  clientPatternForms,
  defaultChangers,
  defaultReaders,
  parseClientPattern,
} from '../../endpoints/grpc/clients/client-pattern.ts'

/** Server addresses. */
export const serverOptions = {
  'server-address': optional({
    value: 'ADDRESS',
    help:
      "address of the gRPC server: unix:///PATH, HOST:PORT, or '' for no server " +
      '(a socket next to the pid file)',
    read: (given) => (given === '' ? 'none' : parseAddress(given)),
  }),
  'server-tls-cert-file': text({ value: 'FILE', help: 'certificate for TCP (PEM)' }),
  'server-tls-key-file': text({ value: 'FILE', help: 'private key of the certificate (PEM)' }),
  'server-tls-client-ca-files': list({
    omitsEmpty: true,
    value: 'FILE',
    help: 'certificate authorities for client certificates (PEM), separated by commas',
  }),
  'server-tls-require-client-cert': flag({ help: 'refuse clients without a certificate' }),
  'server-allow-plaintext': flag({
    help:
      'allow TCP addresses without TLS, also those of this machine: everyone who reaches the port ' +
      'can read events',
  }),
  'server-read-clients': list({
    value: 'CLIENT',
    default: defaultReaders,
    each: parseClientPattern,
    help: `clients that may read events and policies: ${clientPatternForms}`,
  }),
  'server-change-clients': list({
    value: 'CLIENT',
    default: defaultChangers,
    each: parseClientPattern,
    help: 'clients that may also change policies, rules and the log level',
  }),
  'health-server-address': optional({
    value: 'ADDRESS',
    help: 'also serve the health service alone, at this address, such as :6789',
    read: (given) => (given === '' ? undefined : parseAddress(given)),
  }),
  'health-server-interval': integer({
    value: 'SECONDS',
    default: '10',
    min: 1,
    max: 86_400,
    help: 'how often clients that watch the health are informed of changes',
  }),
}
