import { fields, text } from '@tetragon-ts/kubernetes'
import type { AgentAccount } from '../agent-account.ts'
import { agentHandler } from './agent-handler.ts'

/** Decides about reports of agents: an agent may write only the one with the name of its pod. */
export function reportHandler(agents: AgentAccount) {
  return agentHandler(
    agents,
    'an agent may write only the report with the name of its pod',
    ({ name, object }) => name || text(fields(object.metadata).name),
  )
}
