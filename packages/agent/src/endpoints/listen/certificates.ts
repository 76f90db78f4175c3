import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { type experimental, experimental as grpc, type ServerCredentials } from '@grpc/grpc-js'
import { RepeatedAction } from '@tetragon-ts/service/timers'
import { AgentError } from '../../error.ts'
import type { Log } from '../../log/log.ts'

/** Files in PEM form. */
export interface TlsFiles {
  readonly certificate: string
  readonly key: string
  /** CAs of client certificates; empty: clients need none. */
  readonly clientCas: readonly string[]
  /** Whether clients without a certificate are refused. */
  readonly requireClientCertificate: boolean
  /** Interval of checks for changes; default: 5 s. */
  readonly pollMs?: number
}

const defaultPollMs = 5000

type Identity = experimental.IdentityCertificateUpdate
type Authorities = experimental.CaCertificateUpdate

interface Loaded {
  /** Problems of certificates that can be used nevertheless. */
  readonly warnings: readonly string[]
  readonly identity: Identity
  readonly authorities: Authorities | null
}

function read(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new AgentError('AGENT_SERVER', `read ${path}: ${(cause as Error).message}`, { cause })
  }
}

/** Reads and checks all files: certificate and key must match. */
function load(files: TlsFiles): Loaded {
  const certificate = read(files.certificate)
  const privateKey = read(files.key)
  const cas = files.clientCas.map(read)
  try {
    createSecureContext({ cert: certificate, key: privateKey, ca: cas })
  } catch (cause) {
    const names = [files.certificate, files.key, ...files.clientCas].join(', ')
    const message = `use certificates ${names}: ${(cause as Error).message}`
    throw new AgentError('AGENT_SERVER', message, { cause })
  }
  const caCertificate = Buffer.concat(cas.flatMap((ca) => [ca, Buffer.from('\n')]))
  return {
    warnings: warningsOf(files.certificate, certificate),
    identity: { certificate, privateKey },
    authorities: cas.length > 0 ? { caCertificate } : null,
  }
}

/**
 * Clients refuse a certificate outside its validity; the agent continues, since it does more than
 * serving.
 */
function warningsOf(path: string, certificate: Buffer): string[] {
  const { validFrom, validTo } = new X509Certificate(certificate)
  const now = Date.now()
  if (Date.parse(validTo) < now)
    return [`certificate ${path} expired: clients refuse it since ${validTo}`]
  if (Date.parse(validFrom) > now)
    return [`certificate ${path}: clients refuse it until ${validFrom}`]
  return []
}

/**
 * Certificates that are reloaded when their files change, for new connections. If files are invalid
 * or partly written, the old certificates stay in use.
 */
export class Certificates implements experimental.CertificateProvider, Disposable {
  readonly credentials: ServerCredentials
  readonly #files: TlsFiles
  readonly #log: Log
  readonly #checks: RepeatedAction
  readonly #identityListeners = new Set<(update: Identity | null) => void>()
  readonly #caListeners = new Set<(update: Authorities | null) => void>()
  #loaded: Loaded

  /** @throws AgentError AGENT_SERVER */
  constructor(files: TlsFiles, log: Log) {
    this.#files = files
    this.#log = log
    this.#loaded = load(files)
    this.#warn()
    this.credentials = grpc.createCertificateProviderServerCredentials(
      this,
      files.clientCas.length > 0 ? this : null,
      files.requireClientCertificate,
    )
    const [interval, reload] = [files.pollMs ?? defaultPollMs, () => this.#reload()]
    const warn = (message: string) => log.warning(message)
    // Failures name their files.
    this.#checks = new RepeatedAction(
      '',
      interval,
      reload,
      warn,
      'the old certificates remain in use',
    )
  }

  #reload(): void {
    const next = load(this.#files)
    if (isSame(next, this.#loaded)) return
    this.#loaded = next
    for (const listener of this.#caListeners) listener(next.authorities)
    for (const listener of this.#identityListeners) listener(next.identity)
    this.#log.info('server certificates reloaded')
    this.#warn()
  }

  #warn(): void {
    for (const warning of this.#loaded.warnings) this.#log.warning(warning)
  }

  addIdentityCertificateListener(listener: (update: Identity | null) => void): void {
    this.#identityListeners.add(listener)
    process.nextTick(listener, this.#loaded.identity)
  }

  removeIdentityCertificateListener(listener: (update: Identity | null) => void): void {
    this.#identityListeners.delete(listener)
  }

  addCaCertificateListener(listener: (update: Authorities | null) => void): void {
    this.#caListeners.add(listener)
    process.nextTick(listener, this.#loaded.authorities)
  }

  removeCaCertificateListener(listener: (update: Authorities | null) => void): void {
    this.#caListeners.delete(listener)
  }

  [Symbol.dispose](): void {
    this.#checks[Symbol.dispose]()
  }
}

function isSame(a: Loaded, b: Loaded): boolean {
  return (
    a.identity.certificate.equals(b.identity.certificate) &&
    a.identity.privateKey.equals(b.identity.privateKey) &&
    (a.authorities?.caCertificate ?? Buffer.alloc(0)).equals(
      b.authorities?.caCertificate ?? Buffer.alloc(0),
    )
  )
}
