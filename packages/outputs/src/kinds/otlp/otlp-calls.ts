import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type RequestValues, readAuthorization } from '../../network/request-parameters.ts'
import { readTlsFiles, type TlsValues } from '../../network/tls-parameters.ts'
import { GrpcClient } from './grpc-client.ts'

const usualPort = '4317'
const compress = promisify(gzip)

/** A collector with gRPC, as requested. */
export interface CallTarget {
  readonly url: URL
  readonly values: TlsValues &
    RequestValues & {
      /** Milliseconds. */
      readonly timeout?: number
    }
  /** Version of the agent. */
  readonly version: string
}

/** A connection with what the files of parameters said when it was made. */
interface Opened {
  readonly client: GrpcClient
  readonly metadata: Readonly<Record<string, string>>
}

/** Calls of a method of a collector. Its files are read again after an error. */
export class OtlpCalls {
  readonly #target: CallTarget
  readonly #method: string
  #open: Opened | undefined

  /** @param service such as `logs.v1.LogsService` */
  constructor(target: CallTarget, service: string) {
    this.#target = target
    this.#method = `/opentelemetry.proto.collector.${service}/Export`
  }

  /** Reads the files, which may be new ones. @throws BadValue */
  async prepare(): Promise<Opened> {
    const { url, values, version } = this.#target
    const tls = url.protocol === 'otlp+tls:' ? await readTlsFiles(values) : undefined
    const authorization = await readAuthorization(values, 'Bearer')
    const headers = values.header.map(([name, value]) => [name.toLowerCase(), value] as const)
    const metadata = {
      'user-agent': `tetragon/${version}`,
      ...(values.timeout === undefined ? {} : { 'grpc-timeout': `${values.timeout}m` }),
      ...Object.fromEntries(headers),
      ...(authorization === undefined ? {} : { authorization }),
    }
    const address = `${url.hostname}:${url.port || usualPort}`
    this.#open = { client: new GrpcClient(address, tls), metadata }
    return this.#open
  }

  /**
   * Sends a request.
   * @returns the answer, which is empty if it cannot be read
   * @throws errors of the network, SendError, BadValue, or the reason of the signal
   */
  async send(request: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const isCompressed = this.#target.values.gzip
    const message = { bytes: isCompressed ? await compress(request) : request, isCompressed }
    try {
      const { client, metadata } = this.#open ?? (await this.prepare())
      return await client.call(this.#method, message, metadata, signal)
    } catch (error) {
      this.close()
      throw error
    }
  }

  close(): void {
    this.#open?.client.close()
    this.#open = undefined
  }
}
