import type { ProcessFacts } from './process-facts.ts'
import type { Images } from './process-images.ts'

/** A row of the tree: a process, whatever it executed. */
export interface ProcessRow {
  /** The current image. */
  readonly facts: ProcessFacts
  /** Images before it. */
  readonly earlier: Images
  /** Number of processes above it. */
  readonly depth: number
  /** Number of processes that it started. */
  readonly children: number
  /** Number of processes below it that are not shown, because the row is collapsed. */
  readonly hidden: number
}

/** The rows of a tree, made when they are seen: there may be 200,000. */
export class ProcessRows {
  readonly #facts: ProcessFacts[] = []
  readonly #depths: number[] = []
  readonly #children: number[] = []
  /** By position, where there are some. */
  readonly #earlier = new Map<number, Images>()
  readonly #hidden = new Map<number, number>()

  get length(): number {
    return this.#facts.length
  }

  get facts(): readonly ProcessFacts[] {
    return this.#facts
  }

  /** @returns the position of the row */
  push(facts: ProcessFacts, earlier: Images, depth: number): number {
    const position = this.#facts.push(facts) - 1
    this.#depths.push(depth)
    this.#children.push(0)
    if (earlier.length > 0) this.#earlier.set(position, earlier)
    return position
  }

  /** Counts a process that that of a row started. */
  addChild(position: number): void {
    this.#children[position]++
  }

  /** Counts a process below a collapsed row. */
  hideBelow(position: number): void {
    this.#hidden.set(position, (this.#hidden.get(position) ?? 0) + 1)
  }

  /** The position of the row of an image; -1: there is none. */
  positionOf(execId: string): number {
    const position = this.#facts.findIndex((facts) => facts.execId === execId)
    if (position >= 0) return position
    const isIn = ([, images]: [number, Images]): boolean =>
      images.some((facts) => facts.execId === execId)
    return [...this.#earlier].find(isIn)?.[0] ?? -1
  }

  slice(from = 0, to = this.length): ProcessRow[] {
    return this.#facts
      .slice(from, to)
      .map((facts, i) => ({
        facts,
        earlier: this.#earlier.get(from + i) ?? [],
        depth: this.#depths[from + i],
        children: this.#children[from + i],
        hidden: this.#hidden.get(from + i) ?? 0,
      }))
  }
}
