import { clientAddress } from '@tetragon-ts/service/listen'
import type { Endpoint } from '../endpoint.ts'
import { AgentHost } from './agent-host.ts'
import { AgentServer, type ServerOptions } from './grpc-server.ts'

/** The gRPC API of the agent. */
export const grpcEndpoint: Endpoint<ServerOptions> = {
  closesBeforeAgent: false,
  async start(options, host, others) {
    const served = new AgentHost(host, await host.policies(), others)
    const server = await AgentServer.start(served, options)
    const { addresses } = options
    return {
      addresses,
      notice: `serving on ${addresses.map(clientAddress).join(', ')}`,
      statistics: () => server.statistics(),
      close: () => server.close(),
      get isStuck() {
        return server.isStuck
      },
    }
  },
}
