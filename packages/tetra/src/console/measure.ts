import type { WatchName } from '../connection/agent-client.ts'
import type { AgentAnswer, Agents } from '../connection/agents.ts'

/** Time between the two responses. */
const interval = '1s'

/**
 * The first two responses of each agent to a procedure that counts: the agent counts from the first
 * one to the second one only.
 * @throws ConnectionError, ClusterError
 */
export async function measure(
  agents: Pick<Agents, 'watch'>,
  name: WatchName,
  signal: AbortSignal,
): Promise<AgentAnswer<object>[][]> {
  const rounds: AgentAnswer<object>[][] = []
  for await (const answers of agents.watch(name, { interval }, signal)) {
    rounds.push(answers)
    if (rounds.length === 2) break
  }
  return rounds
}
