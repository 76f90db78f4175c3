import type { Losses } from './losses.ts'

interface Total {
  last: bigint
  grown: bigint
}

/** What was lost since the page first asked. Agents count from their own start. */
export class LossGrowth {
  readonly #nodes = new Map<string, Map<string, Total>>()

  /** Takes the losses of an agent. */
  see(node: string, losses: Losses): void {
    const known = this.#nodes.get(node)
    const totals = known ?? new Map<string, Total>()
    this.#nodes.set(node, totals)
    for (const [kind, count] of Object.entries(losses)) {
      const total = totals.get(kind) ?? { last: known === undefined ? count : 0n, grown: 0n }
      // A smaller number is that of an agent that was started again.
      total.grown += count >= total.last ? count - total.last : count
      total.last = count
      totals.set(kind, total)
    }
  }

  /** Losses since the first call, by kind; only those above 0. */
  allGrown(node: string): Losses {
    const totals = [...(this.#nodes.get(node) ?? [])]
    return Object.fromEntries(
      totals.flatMap(([kind, { grown }]) => (grown > 0n ? [[kind, grown] as const] : [])),
    )
  }

  /** Losses of a kind since the first call. */
  grown(node: string, kind: string): bigint {
    return this.#nodes.get(node)?.get(kind)?.grown ?? 0n
  }
}
