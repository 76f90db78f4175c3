import { LazyAutomaton } from './lazy-automaton.ts'
import type { Pattern } from './pattern.ts'
import { Program, TooLarge } from './program.ts'
import type { Syntax } from './syntax.ts'

/** An expression that a lazy automaton evaluates, or the general engine if that gives up. */
export class LazyPattern implements Pattern {
  readonly syntax: Syntax
  readonly #makeGeneral: () => Pattern
  #general: Pattern | undefined
  /** Undefined: no text was evaluated yet, or it would be too large. */
  #automaton: LazyAutomaton | undefined
  #isTooLarge = false

  /** @param makeGeneral makes the same expression for the general engine */
  constructor(syntax: Syntax, makeGeneral: () => Pattern) {
    this.syntax = syntax
    this.#makeGeneral = makeGeneral
  }

  test(text: string): boolean {
    if (this.#automaton === undefined && !this.#isTooLarge) this.#automaton = this.#build()
    const decided = this.#automaton?.test(text)
    if (decided !== undefined) return decided
    this.#general ??= this.#makeGeneral()
    return this.#general.test(text)
  }

  #build(): LazyAutomaton | undefined {
    const program = new Program()
    try {
      program.start = program.expression(this.syntax, program.accept(0))
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error
      this.#isTooLarge = true
      return undefined
    }
    return new LazyAutomaton(program, true)
  }
}
