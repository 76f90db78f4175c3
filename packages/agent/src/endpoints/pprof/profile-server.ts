import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { ListenAddress } from '@tetragon-ts/service/listen'
import { HttpListener, scraperLimits } from '@tetragon-ts/service/listen/http'
import { pause } from '@tetragon-ts/service/timers'
import type { Log } from '../../log/log.ts'
import { throwListenError } from '../listen/listen-error.ts'
import { placeSocket } from '../listen/unix-socket.ts'
import { type Profiler, threads } from './profiler.ts'

const index = `/debug/pprof/profile?seconds=30&thread=reader   CPU profile of a thread (reader, main)
/debug/pprof/heap                               heap snapshot of the main thread

Both open in Chrome's developer tools: save as .cpuprofile and .heapsnapshot.
`
const secondsMax = 600

/** Serves profiles over HTTP, without authentication. @throws AgentError AGENT_SERVER */
export function serveProfiles(
  address: ListenAddress,
  profiler: Profiler,
  log: Log,
): Promise<HttpListener> {
  const server = createServer((request, response) => {
    answer(profiler, request, response).catch((error: Error) => {
      log.error(`make profile: ${error.message}`)
      if (response.headersSent) response.destroy()
      else response.writeHead(500).end()
    })
  })
  const options = { limits: scraperLimits, placeSocket }
  const listening = HttpListener.start(server, address, options)
  return listening.catch(throwListenError('serve profiles', address))
}

/** Completes the path of a request. */
const base = 'http://agent'

async function answer(
  profiler: Profiler,
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!URL.canParse(url, base)) {
    response.writeHead(400).end()
    return
  }
  const { pathname, searchParams } = new URL(url, base)
  if (method !== 'GET') {
    response.writeHead(405, { allow: 'GET' }).end()
  } else if (pathname === '/debug/pprof/heap') {
    response.writeHead(200, { 'content-type': 'application/json' })
    profiler.heap().pipe(response)
  } else if (pathname === '/debug/pprof/profile') {
    await answerProfile(profiler, searchParams, response)
  } else {
    const isIndex = /^\/(debug\/pprof\/?)?$/.test(pathname)
    response.writeHead(isIndex ? 200 : 404, { 'content-type': 'text/plain' }).end(index)
  }
}

async function answerProfile(
  profiler: Profiler,
  parameters: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const thread = threads.find((each) => each === (parameters.get('thread') ?? 'reader'))
  const seconds = Number(parameters.get('seconds') ?? 30)
  if (thread === undefined || !(seconds > 0 && seconds <= secondsMax)) {
    response.writeHead(400, { 'content-type': 'text/plain' }).end(index)
  } else if (!profiler.begin(thread)) {
    response
      .writeHead(409, { 'content-type': 'text/plain' })
      .end('another profile is being recorded\n')
  } else {
    response.writeHead(200, { 'content-type': 'application/json' })
    await waitFor(seconds, response)
    response.end(await profiler.end(thread))
  }
}

/** Waits, at most until the client disconnects. */
async function waitFor(seconds: number, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  await pause(seconds * 1000, { signal: gone.signal, ref: false })
}
