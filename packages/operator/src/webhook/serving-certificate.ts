import { type ApiClient, ApiError, fields, list, text } from '@tetragon-ts/kubernetes'
import { jittered } from '@tetragon-ts/service/retry'
import { pause } from '@tetragon-ts/service/timers'
import { type KeyPair, makeCertificate } from '../certificates/make-certificate.ts'
import { trustAlso, trusts } from './trusted-certificates.ts'

/** Identifies the certificates of all replicas. */
const commonName = 'tetragon-operator-webhook'
const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
const [notFound, conflict] = [404, 409]

/** Milliseconds. */
export interface CertificateMs {
  /** Validity of a certificate; the next one is made after two thirds. */
  readonly validity: number
  /** Between two checks of the configuration. */
  readonly check: number
}

const day = 86_400_000
const defaultMs: CertificateMs = { validity: 90 * day, check: 10_000 }
/** Clocks of nodes may differ. */
const skewMs = 3_600_000

/** Names of the webhook's objects. */
export interface WebhookNames {
  /** Of the Service and of the ValidatingWebhookConfiguration. */
  readonly name: string
  /** Of the Service. */
  readonly namespace: string
}

/** Receives what happens to the certificate. */
export interface CertificateListener {
  /** The server must use this one now. */
  use(pair: KeyPair): void
  /** The API server trusts the certificate in use, or does not ask. */
  trusted(): void
  failed(error: Error): void
}

/** A certificate with the time from which on there must be another. */
interface Issued extends KeyPair {
  readonly renewAt: number
}

/**
 * The certificate of this replica's webhook. Its key never leaves the process: each replica signs
 * its own certificate and adds it to those that the configuration trusts (`caBundle`). A write
 * names the version that it replaces, so that replicas do not remove each other's.
 */
export class ServingCertificate {
  readonly #client: ApiClient
  readonly #names: WebhookNames
  readonly #ms: CertificateMs
  #current: Issued
  /** Made, but perhaps not known to all API servers. */
  #next: Issued | undefined
  /** Whether the configuration had the current certificate. */
  isTrusted = false

  static async make(
    client: ApiClient,
    names: WebhookNames,
    ms: CertificateMs = defaultMs,
  ): Promise<ServingCertificate> {
    return new ServingCertificate(client, names, ms, await issue(names, ms))
  }

  private constructor(client: ApiClient, names: WebhookNames, ms: CertificateMs, first: Issued) {
    this.#client = client
    this.#names = names
    this.#ms = ms
    this.#current = first
  }

  get pair(): KeyPair {
    return this.#current
  }

  /** Keeps the certificate valid and trusted until the signal. */
  async run(listener: CertificateListener, end: AbortSignal): Promise<void> {
    while (!end.aborted) {
      try {
        await this.#check(listener, end)
        listener.trusted()
      } catch (error) {
        if (end.aborted) return
        if (error instanceof ApiError && error.status === conflict) {
          // Replicas that start together do not stay in step.
          await pauseAbout(this.#ms.check / 20, end)
          continue
        }
        listener.failed(error as Error)
      }
      await pauseAbout(this.#ms.check, end)
    }
  }

  async #check(listener: CertificateListener, end: AbortSignal): Promise<void> {
    const { name } = this.#names
    const path = `${configurations}/${encodeURIComponent(name)}`
    const configuration = await this.#client.get(path, end).catch((error: unknown) => {
      // Deleted: no API server asks.
      if (error instanceof ApiError && error.status === notFound) return undefined
      throw error
    })
    const bundles = list(fields(configuration).webhooks).filter((each) => this.#isOwn(each))
    const isIn = ({ certificate }: KeyPair): boolean =>
      bundles.every((each) => trusts(bundleOf(each), certificate))
    const write = (...own: readonly Issued[]): Promise<void> =>
      this.#write(path, fields(configuration), own, end)
    if (this.#next !== undefined && isIn(this.#next)) {
      // Since the last check all API servers had the time to learn about it.
      this.#replace(this.#next, listener)
    } else if (this.isTrusted && !isIn(this.#current)) {
      // Newer ones needed its place, or the configuration was reset: it is not worth a place.
      this.#next ??= await issue(this.#names, this.#ms)
      await write(this.#next)
      this.#replace(this.#next, listener)
    } else {
      if (Date.now() > this.#current.renewAt) this.#next ??= await issue(this.#names, this.#ms)
      const own = [this.#current, ...(this.#next === undefined ? [] : [this.#next])]
      if (!own.every(isIn)) await write(...own)
    }
    this.isTrusted = true
  }

  #replace(next: Issued, { use }: CertificateListener): void {
    this.#current = next
    this.#next = undefined
    use(next)
  }

  async #write(
    path: string,
    configuration: Readonly<Record<string, unknown>>,
    own: readonly Issued[],
    end: AbortSignal,
  ): Promise<void> {
    const certificates = own.map(({ certificate }) => certificate)
    const webhooks = list(configuration.webhooks).map((each) => {
      if (!this.#isOwn(each)) return each
      const bundle = trustAlso(bundleOf(each), certificates, commonName, Date.now())
      const clientConfig = {
        ...fields(fields(each).clientConfig),
        caBundle: Buffer.from(bundle).toString('base64'),
      }
      return { ...fields(each), clientConfig }
    })
    await this.#client.update(path, { ...configuration, webhooks }, end)
  }

  #isOwn(webhook: unknown): boolean {
    const { service } = fields(fields(webhook).clientConfig)
    const { name, namespace } = fields(service)
    return name === this.#names.name && namespace === this.#names.namespace
  }
}

function bundleOf(webhook: unknown): string {
  const { caBundle } = fields(fields(webhook).clientConfig)
  return Buffer.from(text(caBundle), 'base64').toString('latin1')
}

async function issue({ name, namespace }: WebhookNames, ms: CertificateMs): Promise<Issued> {
  const now = Date.now()
  const pair = await makeCertificate({
    commonName,
    // The name by which API servers know a Service.
    names: [`${name}.${namespace}.svc`],
    notBefore: new Date(now - skewMs),
    notAfter: new Date(now + ms.validity),
    use: 'server',
  })
  return { ...pair, renewAt: now + (ms.validity * 2) / 3 }
}

function pauseAbout(ms: number, signal: AbortSignal): Promise<void> {
  return pause(jittered(ms, 0.2), { signal })
}
