import { grpcAddress, type ListenAddress } from '@tetragon-ts/service/listen'
import { AgentError } from '../../error.ts'

/**
 * Throws the cause as the error of a listener.
 * @param action such as `listen`
 * @throws AgentError AGENT_SERVER
 */
export function throwListenError(action: string, address: ListenAddress): (cause: Error) => never {
  return (cause) => {
    if (cause instanceof AgentError) throw cause
    const message = `${action} on ${grpcAddress(address)}: ${cause.message}`
    throw new AgentError('AGENT_SERVER', message, { cause })
  }
}
