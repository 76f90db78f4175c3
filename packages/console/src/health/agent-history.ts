import type { AgentHealth } from './agent-health.ts'

/** An agent, and since when it answers or does not. */
export interface ObservedAgent {
  readonly agent: AgentHealth
  /** Milliseconds since 1970; undefined: since the page looks at it. */
  readonly changedAt: number | undefined
}

/** Remembers agents while the page is open: one that is gone stays in the list. */
export class AgentHistory {
  readonly #nodes = new Map<string, ObservedAgent>()

  /**
   * @param agents those that were asked
   * @param now milliseconds since 1970
   * @returns all that have ever been there, those that do not answer first
   */
  update(agents: readonly AgentHealth[], now: number): readonly ObservedAgent[] {
    const asked = new Set(agents.map(({ node }) => node))
    const gone = [...this.#nodes.keys()].filter((node) => !asked.has(node))
    const missing = gone.map((node) => ({ node, missing: 'its agent is not in the cluster' }))
    for (const agent of [...agents, ...missing]) {
      const before = this.#nodes.get(agent.node)
      const hasChanged = before !== undefined && isMissing(before.agent) !== isMissing(agent)
      const changedAt = hasChanged ? now : before?.changedAt
      this.#nodes.set(agent.node, { agent, changedAt })
    }
    return [...this.#nodes.values()].sort(
      (a, b) => order(a.agent) - order(b.agent) || (a.agent.node < b.agent.node ? -1 : 1),
    )
  }
}

function isMissing({ missing }: AgentHealth): boolean {
  return missing !== undefined
}

function order(agent: AgentHealth): number {
  if (agent.missing !== undefined) return 0
  return agent.isHealthy ? 2 : 1
}
