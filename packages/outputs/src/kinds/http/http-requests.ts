import { createHmac } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import {
  type RequestValues,
  readAuthorization,
  readSecret,
} from '../../network/request-parameters.ts'
import { readTlsFiles, type TlsValues } from '../../network/tls-parameters.ts'
import { type AnswerRules, checkStatus, type HttpAnswer } from './answer.ts'
import { HttpClient } from './post.ts'

/** A receiver with HTTP, as requested. */
export interface RequestTarget {
  /** With the path. */
  readonly url: URL
  readonly values: TlsValues & RequestValues & { readonly 'hmac-key-file'?: string }
  /** Version of the agent. */
  readonly version: string
}

/** Bodies of requests and answers of an API. */
export interface RequestForm extends AnswerRules {
  readonly contentType: string
  /** The word in front of a token, in the header Authorization. */
  readonly tokenScheme: string
}

/** What files of parameters say. */
interface Secrets {
  readonly authorization: string | undefined
  readonly hmacKey: Buffer | undefined
}

interface Opened {
  readonly client: HttpClient
  readonly secrets: Secrets
}

const compress = promisify(gzip)

/** Requests to an API over one connection. After `close`, its files are read again. */
export class HttpRequests {
  readonly #target: RequestTarget
  readonly #form: RequestForm
  #open: Opened | undefined

  constructor(target: RequestTarget, form: RequestForm) {
    this.#target = target
    this.#form = form
  }

  /** Reads the files, which may be new ones. @throws BadValue */
  async prepare(): Promise<Opened> {
    const { url, values } = this.#target
    const tls = url.protocol === 'https:' ? await readTlsFiles(values) : undefined
    const secrets = {
      authorization: await readAuthorization(values, this.#form.tokenScheme),
      hmacKey: await readSecret(values['hmac-key-file'] ?? ''),
    }
    this.#open = { client: new HttpClient(url, tls), secrets }
    return this.#open
  }

  /**
   * Sends a request.
   * @returns an answer with a success
   * @throws errors of the network, SendError, BadValue, or the reason of the signal
   */
  async post(content: string | Uint8Array, signal: AbortSignal): Promise<HttpAnswer> {
    const { values, version } = this.#target
    const { client, secrets } = this.#open ?? (await this.prepare())
    const plain = Buffer.from(content)
    const body = values.gzip ? await compress(plain) : plain
    const headers: Record<string, string> = {
      'Content-Type': this.#form.contentType,
      'User-Agent': `tetragon/${version}`,
      ...Object.fromEntries(values.header),
    }
    if (values.gzip) headers['Content-Encoding'] = 'gzip'
    if (secrets.authorization !== undefined) headers.Authorization = secrets.authorization
    if (secrets.hmacKey !== undefined) {
      const signature = createHmac('sha256', secrets.hmacKey).update(body).digest('hex')
      headers['X-Signature-256'] = `sha256=${signature}`
    }
    const answer = await client.post(body, headers, signal)
    checkStatus(answer, this.#form)
    return answer
  }

  close(): void {
    this.#open?.client.close()
    this.#open = undefined
  }
}
