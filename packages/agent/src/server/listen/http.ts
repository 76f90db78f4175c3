import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AgentError } from '../../error.ts'
import { grpcAddress, type ListenAddress } from './address.ts'

/**
 * Has an HTTP server listen; without a host on all addresses.
 * @param action what fails then, such as `serve metrics`
 * @throws AgentError AGENT_SERVER
 */
export function listenHttp(server: Server, address: ListenAddress, action: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `${action} on ${grpcAddress(address)}: ${cause.message}`
      reject(new AgentError('AGENT_SERVER', message, { cause }))
    })
    if (address.kind === 'unix') server.listen({ path: address.path }, resolve)
    else if (address.host === '') server.listen({ port: address.port }, resolve)
    else server.listen({ host: address.host, port: address.port }, resolve)
  })
}

/** Where it listens; where any port would do, the one that was taken. */
export function addressOf(server: Server, asked: ListenAddress): ListenAddress {
  const bound = server.address() as AddressInfo | string
  if (typeof bound === 'string' || asked.kind === 'unix') return asked
  return { ...asked, port: bound.port }
}
