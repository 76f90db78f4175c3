import type { ProcessFacts } from './process-facts.ts'
import { isSameProcess, previousOf } from './process-images.ts'
import { ProcessRows } from './process-rows.ts'
import { byStart, Siblings } from './siblings.ts'

/** Maximum depth of rows: texts of events may claim anything. */
const depthMax = 512

/** A process that is still to be placed. */
interface Placed {
  readonly facts: ProcessFacts
  readonly depth: number
  /** Positions of the row of its parent, and of the collapsed one above it; -1: there is none. */
  readonly parent: number
  readonly collapsedAt: number
}
const atTop = { depth: 0, parent: -1, collapsedAt: -1 }

interface Placing {
  readonly rows: ProcessRows
  /** Images that have a place, also below collapsed rows. */
  readonly placed: ProcessFacts[]
  readonly collapsed: ReadonlySet<string>
  readonly takes: (facts: ProcessFacts) => boolean
}

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
    const parent = previousOf(facts)
    const siblings = this.#children.get(parent) ?? new Siblings()
    siblings.add(facts)
    this.#children.set(parent, siblings)
  }

  /** Must be called before the parent or the start of a process changes, and {@link add} then. */
  delete(facts: ProcessFacts): void {
    const parent = previousOf(facts)
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
   * @param collapsed exec ids of processes below which nothing is shown
   */
  rows(
    wanted?: ReadonlySet<ProcessFacts>,
    collapsed: ReadonlySet<string> = new Set(),
  ): ProcessRows {
    const rows = new ProcessRows()
    const placed: ProcessFacts[] = []
    const isWanted = (facts: ProcessFacts): boolean => wanted?.has(facts) ?? true
    this.#place(this.#roots(), { rows, placed, collapsed, takes: isWanted })
    const count = wanted?.size ?? this.#processes.size
    if (placed.length === count) return rows
    // Processes of hostile events may be their own ancestors: no root leads to them.
    const known = new Set(placed)
    const isMissing = (facts: ProcessFacts): boolean => {
      if (!isWanted(facts) || known.has(facts)) return false
      known.add(facts)
      return true
    }
    for (const facts of this.#processes.values()) {
      this.#place([facts], { rows, placed, collapsed, takes: isMissing })
    }
    return rows
  }

  /** Adds a row for each of some processes and of those below, if it is taken. */
  #place(tops: readonly ProcessFacts[], placing: Placing): void {
    const { rows, placed, collapsed, takes } = placing
    /** Those that are still to be placed, the next one last. */
    const stack: Placed[] = tops.toReversed().map((facts) => ({ facts, ...atTop }))
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { facts, depth, parent, collapsedAt } = next
      if (!takes(facts)) continue
      const { images, below } = this.#imagesFrom(facts, takes)
      for (const image of images) placed.push(image)
      const current = images.pop()!
      let [own, hiddenAt] = [-1, collapsedAt]
      if (parent >= 0) rows.addChild(parent)
      if (collapsedAt >= 0) rows.hideBelow(collapsedAt)
      else {
        own = rows.push(current, images, depth)
        const isCollapsed = [current, ...images].some(({ execId }) => collapsed.has(execId))
        if (isCollapsed) hiddenAt = own
      }
      for (const child of below.toReversed()) {
        const depthBelow = Math.min(depthMax, depth + 1)
        stack.push({ facts: child, depth: depthBelow, parent: own, collapsedAt: hiddenAt })
      }
    }
  }

  /** The images of a process from one on, and the processes that they started. */
  #imagesFrom(
    first: ProcessFacts,
    takes: (facts: ProcessFacts) => boolean,
  ): { images: ProcessFacts[]; below: ProcessFacts[] } {
    const images = [first]
    const below: ProcessFacts[] = []
    for (;;) {
      const last = images.at(-1)!
      const children = this.childrenOf(last.execId)
      const next = children.findLast((child) => isSameProcess(child, last) && takes(child))
      for (const child of children) if (child !== next) below.push(child)
      if (next === undefined) return { images, below }
      images.push(next)
    }
  }

  /** Processes whose parents are unknown. */
  #roots(): ProcessFacts[] {
    const unknown = [...this.#children].filter(([parent]) => !this.#processes.has(parent))
    return unknown.flatMap(([, siblings]) => siblings.inOrder).sort(byStart)
  }
}
