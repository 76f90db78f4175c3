import type { ProcessFacts } from './process-facts.ts'
import { ProcessRows } from './process-rows.ts'
import { byStart, Siblings } from './siblings.ts'

/** Maximum depth of rows: texts of events may claim anything. */
const depthMax = 512

/** Which process started which. */
export class Descent {
  readonly #processes: ReadonlyMap<string, ProcessFacts>
  /** By the exec id of the parent, which may be unknown. */
  readonly #children = new Map<string, Siblings>()

  /** @param processes by exec id: those that were added */
  constructor(processes: ReadonlyMap<string, ProcessFacts>) {
    this.#processes = processes
  }

  add(facts: ProcessFacts): void {
    const parent = parentOf(facts)
    const siblings = this.#children.get(parent) ?? new Siblings()
    siblings.add(facts)
    this.#children.set(parent, siblings)
  }

  /** Must be called before the parent or the start of a process changes, and {@link add} then. */
  delete(facts: ProcessFacts): void {
    const parent = parentOf(facts)
    const siblings = this.#children.get(parent)
    siblings?.delete(facts)
    if (siblings?.size === 0) this.#children.delete(parent)
  }

  childrenOf(execId: string): readonly ProcessFacts[] {
    return this.#children.get(execId)?.inOrder ?? []
  }

  /**
   * Processes as a tree, each below its parent.
   * @param wanted with those above them; undefined: all
   */
  rows(wanted?: ReadonlySet<ProcessFacts>): ProcessRows {
    const rows = new ProcessRows()
    const isWanted = (facts: ProcessFacts): boolean => wanted?.has(facts) ?? true
    this.#place(this.#roots(), rows, isWanted)
    const count = wanted?.size ?? this.#processes.size
    if (rows.length === count) return rows
    // Processes of hostile events may be their own ancestors: no root leads to them.
    const placed = new Set(rows.facts)
    const isMissing = (facts: ProcessFacts): boolean => {
      if (!isWanted(facts) || placed.has(facts)) return false
      placed.add(facts)
      return true
    }
    for (const facts of this.#processes.values()) this.#place([facts], rows, isMissing)
    return rows
  }

  /** Adds a row for each of some processes and of those below, if it is taken. */
  #place(
    tops: readonly ProcessFacts[],
    rows: ProcessRows,
    takes: (facts: ProcessFacts) => boolean,
  ): void {
    /** Those that are still to be placed, the next one last. */
    const facts = tops.toReversed()
    const depths = facts.map(() => 0)
    for (let next = facts.pop(); next !== undefined; next = facts.pop()) {
      const depth = depths.pop()!
      if (!takes(next)) continue
      rows.push(next, depth)
      const below = this.childrenOf(next.execId)
      for (let i = below.length - 1; i >= 0; i--) {
        facts.push(below[i])
        depths.push(Math.min(depthMax, depth + 1))
      }
    }
  }

  /** Processes whose parents are unknown. */
  #roots(): ProcessFacts[] {
    const unknown = [...this.#children].filter(([parent]) => !this.#processes.has(parent))
    return unknown.flatMap(([, siblings]) => siblings.inOrder).sort(byStart)
  }
}

/** Empty: a process that names itself has no parent. */
function parentOf({ execId, parentExecId }: ProcessFacts): string {
  return parentExecId === execId ? '' : parentExecId
}
