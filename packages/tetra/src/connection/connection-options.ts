import { duration, flag, integer, list, type Options, text } from '@tetragon-ts/service/options'

const countMax = 2 ** 31 - 1

/** The options of every command that connects to an agent; they may also precede its name. */
export const connectionOptions = {
  'server-address': text({
    value: 'ADDRESS',
    group: 'connection',
    help: 'host:port or unix:///path of the agent; default: the agent of this machine',
  }),
  debug: flag({
    short: 'd',
    group: 'connection',
    help: 'Print the address of the agent, and stack traces of errors',
  }),
  timeout: duration({ default: '30s', group: 'connection', help: 'Time limit for a response' }),
  retries: integer({
    min: 0,
    max: countMax,
    value: 'COUNT',
    default: '1',
    group: 'connection',
    help: 'Number of retries if the agent cannot be reached',
  }),
  'max-recv-size': integer({
    min: 0,
    max: countMax,
    value: 'BYTES',
    default: '10485760',
    group: 'connection',
    help: 'Maximum size of a message',
  }),
  'tls-cert-file': text({ value: 'FILE', group: 'connection', help: 'Client certificate, PEM' }),
  'tls-key-file': text({ value: 'FILE', group: 'connection', help: 'Its private key, PEM' }),
  'tls-ca-cert-files': list({
    value: 'FILES',
    group: 'connection',
    help: "CA certificates that sign the agent's, PEM; enables TLS",
  }),
  'tls-server-name': text({
    value: 'NAME',
    group: 'connection',
    help: "Name in the agent's certificate if it differs from the address",
  }),
  'tls-skip-verify': flag({
    group: 'connection',
    help: "Use TLS without checking the agent's certificate",
  }),
} as const satisfies Options
