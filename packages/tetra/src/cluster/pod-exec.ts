import type { IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'
import { type ClusterAddress, fields, list, refusal, text } from '@tetragon-ts/kubernetes'
import { WebSocket } from 'ws'

/** A command in a container of a pod. */
export interface PodCommand {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly command: readonly string[]
}

// The protocol: k8s.io/kubelet/pkg/cri/streaming/remotecommand. The first byte of each message is
// its channel.
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
const channels = { stdin: 0, stdout: 1, stderr: 2, status: 3 } as const

/** Maximum length of what is kept of standard error, of a status, and of a refusal. */
const textMax = 4096
/** Maximum size of a message; the kubelet sends pieces of 32 KiB. */
const messageMax = 1 << 24

/**
 * Standard input and output of a command in a pod, through the API server. It fails if the command
 * fails, with the end of its standard error.
 */
export class PodExec extends Duplex {
  readonly #socket: WebSocket
  readonly #pings: NodeJS.Timeout
  #stderr = ''
  #status = ''
  #isAlive = true
  #hasInputEnded = false
  /** Why the command or the connection failed. */
  failure: Error | undefined

  /**
   * Starts a command.
   * @param timeoutMs time until it runs, and between pings: without an answer to the last one the
   *   connection is dead
   * @throws ApiError if the API server refuses it, Error of the connection
   */
  static async open(
    address: ClusterAddress,
    command: PodCommand,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<PodExec> {
    await address.renew?.()
    signal.throwIfAborted()
    const value = address.authorization()
    const socket = new WebSocket(execUrl(address.url, command), protocols, {
      ...address.tls(),
      ...(value !== undefined && { headers: { authorization: value } }),
      handshakeTimeout: timeoutMs,
      maxPayload: messageMax,
      perMessageDeflate: false,
    })
    const abort = (): void => socket.terminate()
    signal.addEventListener('abort', abort)
    try {
      await opened(socket, () => address.refused?.())
      return new PodExec(socket, timeoutMs)
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  private constructor(socket: WebSocket, timeoutMs: number) {
    super()
    this.#socket = socket
    socket.on('message', (data: Buffer) => this.#receive(data))
    socket.on('pong', () => {
      this.#isAlive = true
    })
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#end())
    socket.resume()
    this.#pings = setInterval(() => this.#ping(), timeoutMs)
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.send(Buffer.concat([Buffer.of(channels.stdin), chunk]), done)
  }

  /** Version 4 of the protocol cannot end the input alone. */
  override _final(done: () => void): void {
    this.#hasInputEnded = true
    this.#socket.close()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearInterval(this.#pings)
    this.#socket.terminate()
    done(error)
  }

  #receive(data: Buffer): void {
    const content = data.subarray(1)
    if (data[0] === channels.stdout) {
      if (content.length > 0 && !this.push(content)) this.#socket.pause()
    } else if (data[0] === channels.stderr) {
      this.#stderr = (this.#stderr + content.toString('utf8')).slice(-textMax)
    } else if (data[0] === channels.status) {
      this.#status = (this.#status + content.toString('utf8')).slice(0, textMax)
    }
  }

  #ping(): void {
    // While it is paused, answers are not read either.
    if (this.#socket.isPaused) return
    if (!this.#isAlive) {
      this.#fail(new Error('the connection does not answer'))
      return
    }
    this.#isAlive = false
    this.#socket.ping()
  }

  #end(): void {
    if (this.destroyed) return
    const failure = this.#hasInputEnded ? undefined : failureOf(this.#status)
    if (failure === undefined) this.push(null)
    else this.#fail(new Error(this.#stderr.trim() || failure))
  }

  #fail(error: Error): void {
    this.failure ??= error
    this.destroy(error)
  }
}

function execUrl(server: URL, { namespace, pod, container, command }: PodCommand): URL {
  const prefix = server.pathname.replace(/\/+$/, '')
  const names = [namespace, pod].map(encodeURIComponent)
  const url = new URL(`${prefix}/api/v1/namespaces/${names[0]}/pods/${names[1]}/exec`, server)
  url.protocol = server.protocol === 'http:' ? 'ws:' : 'wss:'
  url.searchParams.set('container', container)
  for (const stream of ['stdin', 'stdout', 'stderr']) url.searchParams.set(stream, 'true')
  for (const word of command) url.searchParams.append('command', word)
  return url
}

/** Waits for the handshake. Messages may arrive with it: the socket is paused until it is read. */
function opened(socket: WebSocket, unauthorized: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.pause()
      resolve()
    })
    socket.on('error', reject)
    socket.once('close', () => reject(new Error('the connection was closed')))
    socket.once('unexpected-response', (_, response: IncomingMessage) => {
      const status = response.statusCode ?? 0
      if (status === 401) unauthorized()
      void startOf(response).then((body) => {
        reject(refusal(status, body))
        socket.terminate()
      })
    })
  })
}

/** The start of a response, whatever happens to the rest of it. */
async function startOf(response: IncomingMessage): Promise<string> {
  let body = ''
  try {
    for await (const piece of response.setEncoding('utf8')) {
      body += piece
      if (body.length > textMax) break
    }
  } catch {
    // The status is enough.
  }
  return body
}

/** Why a command failed, from the object Status at its end; undefined if it succeeded. */
function failureOf(json: string): string | undefined {
  if (json === '') return 'the connection was closed'
  let status: ReturnType<typeof fields>
  try {
    status = fields(JSON.parse(json))
  } catch {
    return 'the command ended with an invalid status'
  }
  if (status.status === 'Success') return undefined
  const causes = list(fields(status.details).causes).map(fields)
  const code = causes.find(({ reason: kind }) => kind === 'ExitCode')
  if (code !== undefined) return `exit code ${text(code.message)}`
  return text(status.message) || 'the command failed'
}
