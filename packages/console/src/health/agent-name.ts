import { escapeUnprintable } from '@tetragon-ts/api'
import type { AgentHealth } from './agent-health.ts'
import type { HealthModel } from './health-model.ts'

/** Identifies an agent in addresses; an agent without a name is the only one. */
export function keyOf({ node }: AgentHealth): string {
  return node === '' ? 'agent' : node
}

/** The node of an agent, as its events name it if there is only one agent. */
export function agentName(agent: AgentHealth, model: HealthModel): string {
  const name = agent.node === '' ? (model.nodeOf(agent)?.node ?? '') : agent.node
  return name === '' ? 'the agent' : escapeUnprintable(name)
}
