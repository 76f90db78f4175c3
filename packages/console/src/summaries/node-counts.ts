import type { Event } from '@tetragon-ts/api'

/** Events of a node since the page was opened. */
export interface NodeCount {
  readonly node: string
  readonly events: number
  /** Events that its agent dropped because the page was slow. */
  readonly lost: number
}

/** The events of all nodes at a moment. */
export interface NodeSummary {
  readonly nodes: readonly NodeCount[]
  /** Events that could not be decoded. */
  readonly undecoded: number
  /** Old events and processes that the page has dropped. */
  readonly dropped: { readonly events: number; readonly processes: number }
  /** Milliseconds of the worker's clock. */
  readonly at: number
}

/** Counts events by node, in bounded memory. Events may be dropped; they stay counted. */
export class NodeCounts {
  readonly #max: number
  readonly #nodes = new Map<string, { events: number; lost: number }>()
  #undecoded = 0

  /** @param max maximum number of nodes; further ones are not counted */
  constructor(max: number) {
    this.#max = max
  }

  /** @param event undefined: it could not be decoded */
  see(event: Event | undefined): void {
    if (event === undefined) {
      this.#undecoded++
      return
    }
    const counts = this.#countsOf(event.response.node_name ?? '')
    if (counts === undefined) return
    if (event.key === 'rate_limit_info') {
      counts.lost += Number(event.body.number_of_dropped_process_events ?? 0)
    } else counts.events++
  }

  #countsOf(node: string): { events: number; lost: number } | undefined {
    const known = this.#nodes.get(node)
    if (known !== undefined || this.#nodes.size >= this.#max) return known
    const counts = { events: 0, lost: 0 }
    this.#nodes.set(node, counts)
    return counts
  }

  get summary(): Pick<NodeSummary, 'nodes' | 'undecoded'> {
    const nodes = [...this.#nodes].map(([node, counts]) => ({ node, ...counts }))
    return { nodes, undecoded: this.#undecoded }
  }
}
