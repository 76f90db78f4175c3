import { effect, signal } from '@preact/signals'
import type { LossModel } from '../losses/loss-model.ts'
import { parameter } from '../page/address.ts'
import type { Answer, Call, Settings } from '../page/call.ts'
import { span } from '../page/span.ts'
import { watch } from '../page/watch.ts'
import type { WorkerLink } from '../page/worker-link.ts'
import type { PairCounts } from '../store/event-segment.ts'
import type { NodeCount, NodeSummary } from '../summaries/node-counts.ts'
import { type AgentHealth, agentsOf } from './agent-health.ts'
import { AgentHistory, type ObservedAgent } from './agent-history.ts'

/** Milliseconds between looks at the agents, while the view is open. */
const refreshMs = 2000

/** Events of a node, and how many there are per second. */
export interface NodeRate extends NodeCount {
  readonly perSecond: number
}

/** The agents, and whether they and the page keep up with the events. */
export class HealthModel {
  /** Empty: they have not been asked yet. */
  readonly agents = signal<readonly ObservedAgent[]>([])
  readonly nodes = signal<readonly NodeRate[]>([])
  /** False: there are only recorded events. */
  readonly hasAgents = signal(true)
  /** What the worker has counted. */
  readonly summary = signal<NodeSummary | undefined>(undefined)
  /** Key of the agent that is shown; empty: none. */
  readonly selected = signal(parameter('id', '/health'))
  readonly losses: LossModel
  /** Kept events of the selected span, by node and kind; undefined: not counted. */
  readonly spanEvents = signal<PairCounts | undefined>(undefined)
  readonly #history = new AgentHistory()
  readonly #call: Call
  readonly #link: WorkerLink

  constructor(call: Call, link: WorkerLink, settings: Promise<Settings>, losses: LossModel) {
    this.losses = losses
    settings.then(({ hasAgents }) => {
      this.hasAgents.value = hasAgents
    })
    this.#call = call
    this.#link = link
    link.on('nodes', ({ summary }) => this.#see(summary))
    link.on('nodeEvents', ({ counts }) => {
      this.spanEvents.value = counts
    })
  }

  /** Looks at the agents now and then. @returns ends that */
  watch(): () => void {
    const stops = [
      watch(() => this.refresh(), refreshMs),
      effect(() => {
        void span.value
        this.spanEvents.value = undefined
        // The worker must hear of the span first.
        queueMicrotask(() => this.#askForSpan())
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }

  #askForSpan(): void {
    if (span.value !== undefined) this.#link.ask({ kind: 'nodeEvents' })
  }

  /** Number of kept events of an agent in the selected span; undefined: not counted. */
  eventsInSpan(agent: AgentHealth): number | undefined {
    const counts = this.spanEvents.value
    if (counts === undefined) return undefined
    const node = this.nodeOf(agent)?.node ?? agent.node
    const byKind = [...(counts.get(node) ?? [])].filter(([kind]) => kind !== 'rate_limit_info')
    return byKind.reduce((sum, [, count]) => sum + count, 0)
  }

  /** Looks at the agents. */
  async refresh(): Promise<void> {
    this.#link.ask({ kind: 'nodes' })
    this.#askForSpan()
    if (!this.hasAgents.value) return
    const [health, version, policies, losses, maps] = await Promise.all([
      this.#ask(this.#call('GetHealth', {})),
      this.#ask(this.#call('GetVersion', {})),
      this.#ask(this.#call('ListTracingPolicies', { rules: true })),
      this.#ask(this.losses.look()),
      this.#ask(this.#call('GetMaps', {})),
    ])
    const agents = agentsOf({ health, version, policies, losses, maps })
    this.agents.value = this.#history.update(agents, Date.now())
  }

  /** Events of the node of an agent; an agent without a name is the only one. */
  nodeOf({ node }: AgentHealth): NodeRate | undefined {
    const all = this.nodes.value
    return node === '' && all.length === 1 ? all[0] : all.find((each) => each.node === node)
  }

  /** A call that fails has failed for all agents. */
  async #ask<R>(call: Promise<readonly Answer<R>[]>): Promise<readonly Answer<R>[]> {
    try {
      return await call
    } catch (error) {
      const failure = (error as Error).message
      const known = this.agents.value.map(({ agent }) => agent.node)
      return (known.length === 0 ? [''] : known).map((node) => ({ node, failure }))
    }
  }

  #see(summary: NodeSummary): void {
    const before = this.summary.value
    const seconds = Math.max(1, summary.at - (before?.at ?? 0)) / 1000
    this.nodes.value = summary.nodes.map((node) => {
      const earlier = before?.nodes.find((each) => each.node === node.node)?.events ?? 0
      return { ...node, perSecond: (node.events - earlier) / seconds }
    })
    this.summary.value = summary
  }
}
