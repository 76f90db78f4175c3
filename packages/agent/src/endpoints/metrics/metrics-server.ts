import type { ListenAddress } from '@tetragon-ts/service/listen'
import { type HttpListener, servePaths } from '@tetragon-ts/service/listen/http'
import { contentType } from '@tetragon-ts/service/metrics'
import type { Log } from '../../log/log.ts'
import { throwListenError } from '../listen/listen-error.ts'
import { placeSocket } from '../listen/unix-socket.ts'

export const metricsPath = '/metrics'

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
  const paths = { [metricsPath]: async () => ({ type: contentType, text: await readOnce() }) }
  const failed = ({ message }: Error): void => log.error(`read metrics: ${message}`)
  const options = { placeSocket, hint: `see ${metricsPath}\n`, failed }
  return servePaths(address, paths, options).catch(throwListenError('serve metrics', address))
}
