import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { Health, type HealthCheckResponse, serviceDefinition } from '@tetragon-ts/api'

const { Check } = serviceDefinition(Health)

/**
 * One check on a new connection, as of a probe.
 * @param localAddress of the client
 */
export async function checkHealth(
  port: number,
  localAddress: string,
): Promise<HealthCheckResponse['status']> {
  const session = connectHttp2(`http://127.0.0.1:${port}`, {
    createConnection: () => connect({ port, host: '127.0.0.1', localAddress }),
  })
  const failed = new Promise<never>((_, reject) => session.once('error', reject))
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': Check.path,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    stream.on('error', () => {})
    stream.end(Buffer.alloc(5))
    const parts: Buffer[] = []
    stream.on('data', (part: Buffer) => parts.push(part))
    await Promise.race([once(stream, 'end'), failed])
    return Check.responseDeserialize(Buffer.concat(parts).subarray(5)).status
  } finally {
    failed.catch(() => {})
    session.destroy()
  }
}
