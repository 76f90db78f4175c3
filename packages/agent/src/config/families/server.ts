import { parseAddress } from '../../endpoints/listen/address.ts'
import { integer } from '../numbers.ts'
import { flag, list, optional, text } from '../option.ts'

/** Where clients connect. */
export const serverOptions = {
  'server-address': optional({
    value: 'ADDRESS',
    help:
      "where clients connect: unix:///PATH, HOST:PORT, or '' for no server " +
      '(a socket beside the pid file)',
    read: (given) => (given === '' ? 'none' : parseAddress(given)),
  }),
  'server-tls-cert-file': text({ value: 'FILE', help: 'certificate for TCP, PEM' }),
  'server-tls-key-file': text({ value: 'FILE', help: 'its private key, PEM' }),
  'server-tls-client-ca-files': list({
    value: 'FILE',
    help: 'who signs the certificates of clients, PEM; several with commas',
  }),
  'server-tls-require-client-cert': flag({ help: 'turn clients without certificate away' }),
  'server-allow-plaintext': flag({
    help: 'serve without TLS where others can reach it: anybody there can change policies',
  }),
  'health-server-address': optional({
    value: 'ADDRESS',
    help: 'serve health alone at another address, such as :6789',
    read: (given) => (given === '' ? undefined : parseAddress(given)),
  }),
  'health-server-interval': integer({
    value: 'SECONDS',
    default: '10',
    min: 1,
    max: 86_400,
    help: 'how often whoever watches the health is told when it changes',
  }),
}
