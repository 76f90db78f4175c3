import type { ValuesOf } from '@tetragon-ts/service/options'
import type { AgentClient } from './agent-client.ts'
import type { connectionOptions } from './connection-options.ts'
import { connectionSettings } from './settings.ts'

/** Connects to the agent of the options, and closes the connection after `use`. */
export async function withAgent<T>(
  values: ValuesOf<typeof connectionOptions>,
  use: (client: AgentClient) => Promise<T>,
): Promise<T> {
  const settings = connectionSettings(values)
  // Loaded on demand: the library is slow to load.
  const { AgentClient } = await import('./agent-client.ts')
  const client = new AgentClient(settings)
  try {
    return await use(client)
  } finally {
    client[Symbol.dispose]()
  }
}
