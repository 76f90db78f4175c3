import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { AwsClient } from 'aws4fetch'

/** Debian's moto (python3-moto): a server with the API of S3 that checks signatures and rights. */
const program = '/usr/bin/python3'
/** It checks signatures of paths as they came; the standard is "=" as %3D, which is not sent so. */
const script = `
import sys
from urllib.parse import quote, unquote
from botocore.auth import S3SigV4Auth
from moto.server import main
S3SigV4Auth._normalize_url_path = lambda self, path: quote(unquote(path), safe='/~')
main(sys.argv[1:])
`

/** Requests before signatures and rights are checked: those that make the user and the bucket. */
const unchecked = 4

const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
})

/** A server whose only user may do everything with S3. */
export class Moto {
  readonly port: number
  readonly #child: ChildProcess
  #keys: { accessKeyId: string; secretAccessKey: string } | undefined

  /** Starts it, with an empty bucket. */
  static async start(port: number, bucket: string): Promise<Moto> {
    const moto = new Moto(port)
    await moto.#prepare(bucket)
    return moto
  }

  private constructor(port: number) {
    this.port = port
    const env = { ...process.env, INITIAL_NO_AUTH_ACTION_COUNT: String(unchecked) }
    const args = ['-c', script, '-H', '127.0.0.1', '-p', String(port)]
    this.#child = spawn(program, args, { env, stdio: 'ignore' })
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The content of a credentials file of the user. */
  get credentials(): string {
    const { accessKeyId, secretAccessKey } = this.keys
    return `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`
  }

  get keys(): { accessKeyId: string; secretAccessKey: string } {
    if (this.#keys === undefined) throw new Error('the server has not started')
    return this.#keys
  }

  async #prepare(bucket: string): Promise<void> {
    const anyone = { accessKeyId: 'none', secretAccessKey: 'none', region: 'us-east-1' }
    const iam = new AwsClient({ ...anyone, service: 'iam', retries: 0 })
    const call = async (parameters: Readonly<Record<string, string>>): Promise<string> => {
      const body = new URLSearchParams({ Version: '2010-05-08', UserName: 'agent', ...parameters })
      const response = await iam.fetch(this.url, { method: 'POST', body: String(body), headers })
      return response.text()
    }
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    for (;;) {
      const isUp = await fetch(`${this.url}/moto-api/`).then(
        () => true,
        () => false,
      )
      if (isUp) break
      if (this.#child.exitCode !== null) throw new Error('start moto: it ended')
      await sleep(50)
    }
    await call({ Action: 'CreateUser' })
    await call({ Action: 'PutUserPolicy', PolicyName: 'all', PolicyDocument: policy })
    const answer = await call({ Action: 'CreateAccessKey' })
    const [id = '', secret = ''] = ['AccessKeyId', 'SecretAccessKey'].map((name) => {
      return new RegExp(`<${name}>([^<]+)`).exec(answer)?.[1]
    })
    this.#keys = { accessKeyId: id, secretAccessKey: secret }
    const s3 = new AwsClient({ ...anyone, service: 's3', retries: 0 })
    await s3.fetch(`${this.url}/${bucket}`, { method: 'PUT' })
  }

  /** Keys of the objects in a bucket. */
  async keysIn(bucket: string): Promise<string[]> {
    const text = await (await this.#fetch(`${bucket}?list-type=2`)).text()
    return [...text.matchAll(/<Key>([^<]+)/g)].map(([, key = '']) => key)
  }

  /** Content of an object. */
  async read(bucket: string, key: string): Promise<Buffer> {
    return Buffer.from(await (await this.#fetch(`${bucket}/${key}`)).arrayBuffer())
  }

  #fetch(path: string): Promise<Response> {
    const client = new AwsClient({ ...this.keys, service: 's3', region: 'us-east-1', retries: 0 })
    return client.fetch(`${this.url}/${path}`)
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}

/** Why it cannot run here, for `skip`; false: it can. */
export async function motoMissing(): Promise<string | false> {
  const child = spawn(program, ['-c', 'import moto.server'], { stdio: 'ignore' })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code === 0 ? false : 'moto is missing: apt-get install python3-moto python3-flask-cors'
}
