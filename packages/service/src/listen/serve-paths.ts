import { createServer } from 'node:http'
import type { ListenAddress } from './address.ts'
import { HttpListener, scraperLimits } from './http-listener.ts'
import type { PlaceSocket } from './listen-at.ts'

/** Time limit for requests: probes and scrapers are faster. */
const requestMs = 10_000

/** The answer to a request. */
export interface Answer {
  /** 200 by default. */
  readonly status?: number
  /** Content type; plain text by default. */
  readonly type?: string
  readonly text: string
}

/** Answers by path. */
export type Paths = Readonly<Record<string, () => Answer | Promise<Answer>>>

/** Options of a server with a few paths. */
export interface PathOptions {
  readonly placeSocket?: PlaceSocket
  /** Text for other paths. */
  readonly hint?: string
  /** Receives errors of answers; clients get the status 500. */
  failed?(error: Error): void
}

/**
 * Serves a few paths over HTTP for probes and scrapers: GET and HEAD.
 * @throws Error as {@link HttpListener.start}
 */
export function servePaths(
  address: ListenAddress,
  paths: Paths,
  { placeSocket, hint, failed }: PathOptions = {},
): Promise<HttpListener> {
  const server = createServer({ requestTimeout: requestMs }, async (request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
    } else if (!Object.hasOwn(paths, path)) {
      response.writeHead(404, hint === undefined ? {} : { 'content-type': 'text/plain' }).end(hint)
    } else {
      try {
        const { status = 200, type = 'text/plain; charset=utf-8', text } = await paths[path]()
        response.writeHead(status, { 'content-type': type }).end(text)
      } catch (error) {
        failed?.(error as Error)
        response.writeHead(500).end()
      }
    }
  })
  return HttpListener.start(server, address, { limits: scraperLimits, placeSocket })
}
