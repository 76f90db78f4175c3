import { createServer } from 'node:http'
import type { ListenAddress } from '@tetragon-ts/service/listen'
import { contentType } from '@tetragon-ts/service/metrics'
import type { Log } from '../../log/log.ts'
import { HttpListener } from '../listen/http.ts'

export const metricsPath = '/metrics'
/** Time limit for requests: scrapers are faster. */
const requestMs = 10_000

/**
 * Serves metrics over HTTP for Prometheus. Concurrent requests share a response.
 * @param read collects the text
 * @throws AgentError AGENT_SERVER
 */
export function serveMetrics(
  address: ListenAddress,
  read: () => Promise<string>,
  log: Log,
): Promise<HttpListener> {
  let reading: Promise<string> | undefined
  const readOnce = (): Promise<string> => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }
  const server = createServer({ requestTimeout: requestMs }, (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
    } else if (request.url?.split('?')[0] !== metricsPath) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end(`see ${metricsPath}\n`)
    } else {
      readOnce().then(
        (text) => response.writeHead(200, { 'content-type': contentType }).end(text),
        (error: Error) => {
          log.error(`read metrics: ${error.message}`)
          response.writeHead(500).end()
        },
      )
    }
  })
  return HttpListener.start(server, address, 'serve metrics')
}
