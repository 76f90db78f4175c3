import { dirname, join, resolve } from 'node:path'
import { AgentError } from '../error.ts'
import type { ServerOptions } from '../server/grpc-server.ts'
import { type ListenAddress, parseAddress } from '../server/listen/address.ts'
import type { TlsFiles } from '../server/listen/certificates.ts'

/** The options that concern the server, as parsed. */
export interface ServerValues {
  readonly 'pid-file': string
  readonly 'server-address'?: string
  readonly 'server-tls-cert-file'?: string
  readonly 'server-tls-key-file'?: string
  readonly 'server-tls-client-ca-files'?: readonly string[]
  readonly 'server-tls-require-client-cert'?: boolean
  readonly 'server-allow-plaintext'?: boolean
  readonly 'health-server-address': string
  readonly 'event-queue-size': string
  readonly 'enable-deprecated-tracingpolicy-grpc'?: boolean
  readonly 'persist-grpc-policies'?: boolean
  readonly 'persist-grpc-policies-dir'?: string
}

/** What the server is to do; undefined if there is to be none. @throws AgentError AGENT_OPTION */
export function serverOptions(values: ServerValues): ServerOptions | undefined {
  const text = values['server-address']
  const tls = tlsFiles(values)
  const health = values['health-server-address']
  const eventQueueSize = queueSize(values['event-queue-size'])
  const healthAddress = health === '' ? undefined : parseAddress('health-server-address', health)
  if (text === '') return undefined
  return {
    addresses: addresses(text, values['pid-file']),
    tls,
    allowPlaintext: values['server-allow-plaintext'] ?? false,
    healthAddress,
    eventQueueSize,
    deprecatedCalls: values['enable-deprecated-tracingpolicy-grpc'] ?? false,
    policyFolder: values['persist-grpc-policies'] ? policyFolder(values) : undefined,
  }
}

/** A socket beside the pid file is always there: programs on this machine need no certificates. */
function addresses(text: string | undefined, pidFile: string): ListenAddress[] {
  const path = resolve(dirname(pidFile), 'tetragon.sock')
  const local: ListenAddress = { kind: 'unix', path }
  if (text === undefined) return [local]
  const asked = parseAddress('server-address', text)
  return asked.kind === 'unix' ? [asked] : [asked, local]
}

function policyFolder(values: ServerValues): string {
  const folder = values['persist-grpc-policies-dir']
  return resolve(folder || join(dirname(values['pid-file']), 'grpc-policies'))
}

function queueSize(text: string): number {
  const size = Number(text)
  if (/^\d+$/.test(text) && size >= 1 && size <= 1e7) return size
  throw wrong(`read option --event-queue-size: '${text}' is not a number from 1 to 10000000`)
}

function tlsFiles(values: ServerValues): TlsFiles | undefined {
  const certificate = values['server-tls-cert-file'] ?? ''
  const key = values['server-tls-key-file'] ?? ''
  const requireClientCertificate = values['server-tls-require-client-cert'] ?? false
  const given = values['server-tls-client-ca-files'] ?? []
  const clientCas = given.flatMap((each) => each.split(',')).filter((path) => path !== '')
  if ((certificate === '') !== (key === '')) {
    throw wrong('read options: --server-tls-cert-file and --server-tls-key-file need each other')
  }
  if (requireClientCertificate && clientCas.length === 0) {
    throw wrong('read options: --server-tls-require-client-cert needs --server-tls-client-ca-files')
  }
  if (certificate !== '') return { certificate, key, clientCas, requireClientCertificate }
  if (clientCas.length === 0) return undefined
  throw wrong('read options: --server-tls-client-ca-files needs --server-tls-cert-file')
}

function wrong(message: string): AgentError {
  return new AgentError('AGENT_OPTION', message)
}
