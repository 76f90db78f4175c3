import type { Options } from '../command.ts'

/** The options of every command that connects to an agent; they may also precede its name. */
export const connectionOptions = {
  'server-address': {
    kind: 'text',
    value: 'ADDRESS',
    default: '',
    group: 'connection',
    help: 'host:port or unix:///path of the agent; default: the agent of this machine',
  },
  debug: {
    kind: 'flag',
    short: 'd',
    group: 'connection',
    help: 'Print the address of the agent, and stack traces of errors',
  },
  timeout: {
    kind: 'text',
    value: 'TIME',
    default: '30s',
    group: 'connection',
    help: 'Time limit for a response',
  },
  retries: {
    kind: 'text',
    value: 'COUNT',
    default: '1',
    group: 'connection',
    help: 'Number of retries if the agent cannot be reached',
  },
  'max-recv-size': {
    kind: 'text',
    value: 'BYTES',
    default: '10485760',
    group: 'connection',
    help: 'Maximum size of a message',
  },
  'tls-cert-file': {
    kind: 'text',
    value: 'FILE',
    default: '',
    group: 'connection',
    help: 'Client certificate, PEM',
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
    help: "CA certificates that sign the agent's, PEM; enables TLS",
  },
  'tls-server-name': {
    kind: 'text',
    value: 'NAME',
    default: '',
    group: 'connection',
    help: "Name in the agent's certificate if it differs from the address",
  },
  'tls-skip-verify': {
    kind: 'flag',
    group: 'connection',
    help: "Use TLS without checking the agent's certificate",
  },
} as const satisfies Options
