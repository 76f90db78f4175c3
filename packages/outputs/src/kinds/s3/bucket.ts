import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { pipeline } from 'node:stream/promises'
import { AwsV4Signer } from 'aws4fetch'
import { SendError } from '../../connection.ts'
import { readTlsFiles, type TlsValues } from '../../network/tls-parameters.ts'
import { readEndpoint } from './bucket-address.ts'
import { readCredentials } from './credentials.ts'

/** Values of the parameters. */
export interface BucketValues extends TlsValues {
  readonly region: string
  readonly endpoint: string
  readonly 'credentials-file': string
  /** How long the server may be silent, in milliseconds. */
  readonly timeout: number
}

/** Longest error that is read, in characters. */
const answerMax = 65_536

/** A bucket that gets files. */
export class Bucket {
  readonly #url: URL
  readonly #region: string
  readonly #values: BucketValues

  /** @param name without a scheme */
  constructor(name: string, values: BucketValues) {
    this.#values = values
    this.#region = values.region || process.env.AWS_REGION || 'us-east-1'
    const endpoint = readEndpoint(values.endpoint)
    // A certificate of AWS is valid for one name in front of the region.
    const isHost = endpoint === undefined && !name.includes('.')
    const host = `s3.${this.#region}.amazonaws.com`
    this.#url = isHost
      ? new URL(`https://${name}.${host}/`)
      : new URL(`${name}/`, endpoint ?? `https://${host}/`)
  }

  /**
   * Stores a file as an object. Fulfilled when the bucket has all of it: the server compares its
   * digest.
   * @throws SendError, BadValue, errors of the network and the file system
   */
  async put(key: string, path: string, signal: AbortSignal): Promise<void> {
    const url = new URL(key.split('/').map(encodeURIComponent).join('/'), this.#url)
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    const { size } = await file.stat()
    const digest = await sha256(file)
    const credentials = await readCredentials(this.#values['credentials-file'])
    const signer = new AwsV4Signer({
      ...credentials,
      method: 'PUT',
      url: url.href,
      service: 's3',
      region: this.#region,
      headers: { 'X-Amz-Content-Sha256': digest, 'Content-Type': 'application/vnd.apache.parquet' },
    })
    const { headers } = await signer.sign()
    const given = { ...Object.fromEntries(headers), 'Content-Length': String(size) }
    const response = await this.#send(url, given, file, signal)
    if (response.statusCode !== 200) await refuse(response)
    response.resume()
  }

  async #send(
    url: URL,
    headers: Readonly<Record<string, string>>,
    file: FileHandle,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const isTls = url.protocol === 'https:'
    const options = { method: 'PUT', headers, signal, timeout: this.#values.timeout }
    const request = isTls
      ? requestTls(url, { ...options, ...(await readTlsFiles(this.#values)) })
      : requestPlain(url, options)
    request.on('timeout', () => request.destroy(new Error('the server does not respond')))
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve).once('error', reject)
    })
    const body = file.createReadStream({ start: 0, autoClose: false })
    // A server that refuses the request answers before it has read the file.
    const written = pipeline(body, request)
    const response = await Promise.race([answered, written.then(() => answered)])
    written.catch(() => {})
    return response
  }
}

async function sha256(file: FileHandle): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) {
    hash.update(chunk)
  }
  return hash.digest('hex')
}

/** @throws SendError with the reason of the server */
async function refuse(response: IncomingMessage): Promise<never> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) {
    if (text.length < answerMax) text += chunk
  }
  const [code, message] = ['Code', 'Message'].map((name) => {
    return new RegExp(`<${name}>([^<]{0,200})`).exec(text)?.[1]
  })
  const reason = [`status ${response.statusCode}`, code, message].filter((part) => part).join(', ')
  const seconds = Number(response.headers['retry-after'])
  throw new SendError('again', reason, seconds > 0 ? seconds * 1000 : 0)
}
