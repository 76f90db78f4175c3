import { dirname, resolve } from 'node:path'
import type { ListenAddress } from '@tetragon-ts/service/listen'
import type { ServerOptions } from '../endpoints/grpc/grpc-server.ts'
import type { HealthOptions } from '../endpoints/health/health-endpoint.ts'
import type { TlsFiles } from '../endpoints/listen/certificates.ts'
import { AgentError } from '../error.ts'
import type { Settings } from './families/index.ts'

/** Options of the server; undefined if there is none. @throws AgentError AGENT_OPTION */
export function serverOptions(settings: Settings): ServerOptions | undefined {
  const asked = settings['server-address']
  const tls = tlsFiles(settings)
  if (asked === 'none') return undefined
  return {
    addresses: addresses(asked, settings['pid-file']),
    tls,
    roles: { read: settings['server-read-clients'], change: settings['server-change-clients'] },
    allowPlaintext: settings['server-allow-plaintext'],
    healthIntervalMs: healthIntervalMs(settings),
    eventQueueSize: settings['event-queue-size'],
    deprecatedCalls: settings['enable-deprecated-tracingpolicy-grpc'],
  }
}

/** A socket next to the pid file is always added: local programs need no certificates. */
function addresses(asked: ListenAddress | undefined, pidFile: string): ListenAddress[] {
  const path = resolve(dirname(pidFile), 'tetragon.sock')
  const local: ListenAddress = { kind: 'unix', path }
  if (asked === undefined) return [local]
  return asked.kind === 'unix' ? [asked] : [asked, local]
}

/** Address that serves only health; undefined: none. */
export function healthOptions(settings: Settings): HealthOptions | undefined {
  const address = settings['health-server-address']
  return address && { address, intervalMs: healthIntervalMs(settings) }
}

function healthIntervalMs(settings: Settings): number {
  return settings['health-server-interval'] * 1000
}

function tlsFiles(settings: Settings): TlsFiles | undefined {
  const certificate = settings['server-tls-cert-file']
  const key = settings['server-tls-key-file']
  const clientCas = settings['server-tls-client-ca-files']
  const requireClientCertificate = settings['server-tls-require-client-cert']
  if ((certificate === '') !== (key === '')) {
    throw wrong(
      'read options: --server-tls-cert-file and --server-tls-key-file must be given together',
    )
  }
  if (requireClientCertificate && clientCas.length === 0) {
    throw wrong(
      'read options: --server-tls-require-client-cert requires --server-tls-client-ca-files',
    )
  }
  if (certificate !== '') return { certificate, key, clientCas, requireClientCertificate }
  if (clientCas.length === 0) return undefined
  throw wrong('read options: --server-tls-client-ca-files requires --server-tls-cert-file')
}

function wrong(message: string): AgentError {
  return new AgentError('AGENT_OPTION', message)
}
