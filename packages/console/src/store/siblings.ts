import type { ProcessFacts } from './process-facts.ts'

/** Processes with the same parent, in the order of their starts. */
export class Siblings {
  readonly #all = new Set<ProcessFacts>()
  /** Undefined: they must be sorted again. Most are added in the order of their starts. */
  #sorted: ProcessFacts[] | undefined = []

  get size(): number {
    return this.#all.size
  }

  add(facts: ProcessFacts): void {
    this.#all.add(facts)
    const last = this.#sorted?.at(-1)
    if (last === undefined || byStart(last, facts) <= 0) this.#sorted?.push(facts)
    else this.#sorted = undefined
  }

  delete(facts: ProcessFacts): void {
    this.#all.delete(facts)
    this.#sorted = undefined
  }

  get inOrder(): readonly ProcessFacts[] {
    this.#sorted ??= [...this.#all].sort(byStart)
    return this.#sorted
  }
}

/** Compares the starts of processes; one that is unknown is the first. */
export function byStart(a: ProcessFacts, b: ProcessFacts): number {
  return (a.start ?? 0) - (b.start ?? 0) || a.pid - b.pid
}
