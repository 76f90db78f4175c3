import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { type ClientRequest, type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { pipeline } from 'node:stream/promises'
import { AwsV4Signer } from 'aws4fetch'
import { SendError } from '../../connection.ts'
import { readTlsFiles, type TlsValues } from '../../network/tls-parameters.ts'
import { retryAfterMs } from '../http/answer.ts'
import { type AddressValues, bucketUrl } from './bucket-address.ts'
import { readCredentials } from './credentials.ts'

/** Values of the parameters. */
export interface BucketValues extends TlsValues, AddressValues {
  readonly 'credentials-file': string
  /** How long the server may be silent, in milliseconds. */
  readonly timeout: number
}

/** Longest part of an error that is read, in characters. */
const answerMax = 65_536
/** Bytes of a file that are read at a time. */
const chunkSize = 1 << 18

/** A bucket that gets files. */
export class Bucket {
  readonly #url: URL
  readonly #values: BucketValues

  /** @throws BadValue */
  constructor(name: string, values: BucketValues) {
    this.#values = values
    this.#url = bucketUrl(name, values)
  }

  /**
   * Stores a file as an object. Fulfilled when the bucket has all of it: the server compares its
   * digest.
   * @throws SendError, BadValue, errors of the network and the file system
   */
  async put(key: string, path: string, signal: AbortSignal): Promise<void> {
    const url = new URL(key.split('/').map(encodeURIComponent).join('/'), this.#url)
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    const headers = await this.#sign(url, await sha256(file))
    headers.set('Content-Length', String((await file.stat()).size))
    const request = await this.#request(url, Object.fromEntries(headers), signal)
    try {
      const response = await send(request, file)
      if (response.statusCode !== 200) await refuse(response)
    } finally {
      // A server that has answered may read no more, or answer without end.
      request.destroy()
    }
  }

  async #sign(url: URL, digest: string): Promise<Headers> {
    const { region, 'credentials-file': credentials } = this.#values
    const signer = new AwsV4Signer({
      ...(await readCredentials(credentials)),
      ...{ method: 'PUT', url: url.href, service: 's3', region },
      headers: { 'X-Amz-Content-Sha256': digest, 'Content-Type': 'application/vnd.apache.parquet' },
    })
    return (await signer.sign()).headers
  }

  async #request(
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ClientRequest> {
    const options = { method: 'PUT', headers, signal, timeout: this.#values.timeout, agent: false }
    const request =
      url.protocol === 'https:'
        ? requestTls(url, { ...options, ...(await readTlsFiles(this.#values)) })
        : requestPlain(url, options)
    request.on('timeout', () => request.destroy(new Error('the server does not respond')))
    return request
  }
}

/** Sends a file. A server that refuses the request answers before it has read it. */
function send(request: ClientRequest, file: FileHandle): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve).on('error', reject)
    pipeline(file.createReadStream({ start: 0, highWaterMark: chunkSize }), request).catch(reject)
  })
}

async function sha256(file: FileHandle): Promise<string> {
  const hash = createHash('sha256')
  const chunk = Buffer.alloc(chunkSize)
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(chunk, 0, chunkSize, at)
    if (bytesRead === 0) return hash.digest('hex')
    hash.update(chunk.subarray(0, bytesRead))
    at += bytesRead
  }
}

/** @throws SendError with the reason of the server */
async function refuse(response: IncomingMessage): Promise<never> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk
    if (text.length > answerMax) break
  }
  const [code, message] = ['Code', 'Message'].map((name) => {
    return new RegExp(`<${name}>([^<]{0,200})`).exec(text)?.[1]
  })
  const reason = [`status ${response.statusCode}`, code, message].filter((part) => part).join(', ')
  throw new SendError('again', reason, retryAfterMs(response.headers['retry-after']))
}
