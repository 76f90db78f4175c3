import { fields, text } from '@tetragon-ts/kubernetes'
import type { AgentAccount } from '../agent-account.ts'
import { agentHandler } from './agent-handler.ts'

/** Decides about descriptions of kernels: an agent may write those that its pod was asked for. */
export function kernelHandler(agents: AgentAccount) {
  return agentHandler(
    agents,
    'an agent may write only descriptions that its pod was asked for',
    // The operator has written it before.
    ({ oldObject }) => text(fields(oldObject.spec).pod),
  )
}
