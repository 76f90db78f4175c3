import type { ProcessFacts } from './process-facts.ts'

/** A row of the tree. */
export interface ProcessRow {
  readonly facts: ProcessFacts
  /** Number of processes above it. */
  readonly depth: number
}

/** The rows of a tree, made when they are seen: there may be 200,000. */
export class ProcessRows {
  readonly #facts: ProcessFacts[] = []
  readonly #depths: number[] = []

  get length(): number {
    return this.#facts.length
  }

  get facts(): readonly ProcessFacts[] {
    return this.#facts
  }

  push(facts: ProcessFacts, depth: number): void {
    this.#facts.push(facts)
    this.#depths.push(depth)
  }

  slice(from = 0, to = this.length): ProcessRow[] {
    return this.#facts.slice(from, to).map((facts, i) => ({ facts, depth: this.#depths[from + i] }))
  }
}
