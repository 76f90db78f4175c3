import type { Options } from '../command.ts'

/** The options of every command that talks to an agent; they may stand before its name, too. */
export const connectionOptions = {
  'server-address': {
    kind: 'text',
    value: 'ADDRESS',
    default: '',
    group: 'connection',
    help: 'host:port or unix:///path of the agent; without, that of the agent on this machine',
  },
  debug: {
    kind: 'flag',
    short: 'd',
    group: 'connection',
    help: 'Say which agent is asked, and where in tetra an error comes from',
  },
  timeout: {
    kind: 'text',
    value: 'TIME',
    default: '30s',
    group: 'connection',
    help: 'How long to wait for an answer',
  },
  retries: {
    kind: 'text',
    value: 'COUNT',
    default: '1',
    group: 'connection',
    help: 'How often to try again when the agent cannot be reached',
  },
  'max-recv-size': {
    kind: 'text',
    value: 'BYTES',
    default: '10485760',
    group: 'connection',
    help: 'Largest message to accept',
  },
  'tls-cert-file': {
    kind: 'text',
    value: 'FILE',
    default: '',
    group: 'connection',
    help: 'Certificate to show to the agent, PEM',
  },
  'tls-key-file': {
    kind: 'text',
    value: 'FILE',
    default: '',
    group: 'connection',
    help: 'Its private key, PEM',
  },
  'tls-ca-cert-files': {
    kind: 'list',
    value: 'FILES',
    group: 'connection',
    help: "Who signs the agent's certificate, PEM; turns TLS on",
  },
  'tls-server-name': {
    kind: 'text',
    value: 'NAME',
    default: '',
    group: 'connection',
    help: "Name in the agent's certificate if it is not that of the address",
  },
  'tls-skip-verify': {
    kind: 'flag',
    group: 'connection',
    help: "Use TLS without checking the agent's certificate",
  },
} as const satisfies Options
