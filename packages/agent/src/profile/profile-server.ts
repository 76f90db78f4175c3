import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../log.ts'
import type { ListenAddress } from '../server/listen/address.ts'
import { addressOf, listenHttp } from '../server/listen/http.ts'
import { type Profiler, type ThreadName, threads } from './profiler.ts'

const index = `/debug/pprof/profile?seconds=30&thread=reader   where a thread spends its time (reader, main)
/debug/pprof/heap                               what is in the main thread's memory

Both open in Chrome's developer tools: save as .cpuprofile and .heapsnapshot.
`
const secondsMax = 600

/** Serves profiles over HTTP, to whoever can connect. */
export class ProfileServer {
  readonly #asked: ListenAddress
  readonly #profiler: Profiler
  readonly #server: Server

  /** @throws AgentError AGENT_SERVER */
  static async start(address: ListenAddress, profiler: Profiler, log: Log): Promise<ProfileServer> {
    const server = new ProfileServer(address, profiler, log)
    await listenHttp(server.#server, address, 'serve profiles')
    return server
  }

  private constructor(address: ListenAddress, profiler: Profiler, log: Log) {
    this.#asked = address
    this.#profiler = profiler
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: Error) => {
        log.error(`make profile: ${error.message}`)
        if (response.headersSent) response.destroy()
        else response.writeHead(500).end()
      })
    })
  }

  async #answer({ method, url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(url, 'http://agent')
    if (method !== 'GET') {
      response.writeHead(405, { allow: 'GET' }).end()
    } else if (pathname === '/debug/pprof/heap') {
      response.writeHead(200, { 'content-type': 'application/json' })
      this.#profiler.heap().pipe(response)
    } else if (pathname === '/debug/pprof/profile') {
      await this.#profile(searchParams, response)
    } else {
      const isIndex = /^\/(debug\/pprof\/?)?$/.test(pathname)
      response.writeHead(isIndex ? 200 : 404, { 'content-type': 'text/plain' }).end(index)
    }
  }

  async #profile(parameters: URLSearchParams, response: ServerResponse): Promise<void> {
    const thread = threads.find((each) => each === (parameters.get('thread') ?? 'reader'))
    const seconds = Number(parameters.get('seconds') ?? 30)
    if (thread === undefined || !(seconds > 0 && seconds <= secondsMax)) {
      response.writeHead(400, { 'content-type': 'text/plain' }).end(index)
    } else if (!this.#profiler.begin(thread)) {
      response.writeHead(409, { 'content-type': 'text/plain' }).end('a profile is being made\n')
    } else {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(await this.#sample(thread, seconds, response))
    }
  }

  /** Ends early when the client does. */
  async #sample(thread: ThreadName, seconds: number, response: ServerResponse): Promise<string> {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    await sleep(seconds * 1000, undefined, { signal: gone.signal, ref: false }).catch(() => {})
    return this.#profiler.end(thread)
  }

  /** Where it listens; where any port would do, the one that was taken. */
  get address(): ListenAddress {
    return addressOf(this.#server, this.#asked)
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }
}
