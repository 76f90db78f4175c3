import type { ApiClient } from '@tetragon-ts/kubernetes'
import type { TcpAddress } from '@tetragon-ts/service/listen'
import type { ReviewCounts } from '../endpoints/review-counts.ts'
import type { Status } from '../endpoints/status.ts'
import type { Log } from '../log.ts'
import type { AdmissionHandler } from './admission.ts'
import { ServingCertificate, type WebhookNames } from './serving-certificate.ts'
import { WebhookServer } from './webhook-server.ts'

const part = 'serve the webhook'

/** The validating webhook of this replica; it needs no leader. */
export class Webhook {
  readonly #server: WebhookServer
  readonly #certificate: ServingCertificate
  readonly #status: Status

  /** @throws OperatorError OPERATOR_SERVER */
  static async start(
    client: ApiClient,
    at: TcpAddress,
    names: WebhookNames,
    handlers: Readonly<Record<string, AdmissionHandler>>,
    status: Status,
    log: Log,
  ): Promise<Webhook> {
    const certificate = await ServingCertificate.make(client, names)
    const failed = (error: Error): void => log.error(`review a request: ${error.stack}`)
    const server = await WebhookServer.start(at, handlers, certificate.pair, failed)
    status.expect(part)
    log.info(`serving the webhook on ${at.host}:${server.port}`)
    return new Webhook(server, certificate, status)
  }

  private constructor(server: WebhookServer, certificate: ServingCertificate, status: Status) {
    this.#server = server
    this.#certificate = certificate
    this.#status = status
  }

  get counts(): ReviewCounts {
    return this.#server.counts
  }

  /** Why the API server cannot use it; failed checks later do not matter to it. */
  get problems(): string[] {
    return this.#certificate.isTrusted ? [] : this.#status.problems
  }

  /** Keeps the certificate valid until the signal. */
  run(end: AbortSignal): Promise<void> {
    return this.#certificate.run(
      {
        use: (pair) => this.#server.use(pair),
        trusted: () => this.#status.succeed(part),
        failed: (error) => this.#status.fail(part, error),
      },
      end,
    )
  }

  /** Closes all connections. */
  close(): Promise<void> {
    return this.#server.close()
  }
}
