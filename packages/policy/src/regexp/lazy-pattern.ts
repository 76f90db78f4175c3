import { LazyAutomaton } from './lazy-automaton.ts'
import type { Pattern } from './pattern.ts'
import { Program, TooLarge } from './program.ts'
import type { Syntax } from './syntax.ts'

/** An expression that a lazy automaton evaluates, or the general engine if that gives up. */
export class LazyPattern implements Pattern {
  readonly #syntax: Syntax | (() => Syntax | undefined)
  readonly #makeGeneral: () => Pattern
  #general: Pattern | undefined
  /** Undefined: no text was evaluated yet, or only the general engine evaluates it. */
  #automaton: LazyAutomaton | undefined
  #isGeneral = false

  /**
   * @param syntax or what reads it again on each use: it is larger than the expression
   * @param makeGeneral makes the same expression for the general engine
   */
  constructor(syntax: Syntax | (() => Syntax | undefined), makeGeneral: () => Pattern) {
    this.#syntax = syntax
    this.#makeGeneral = makeGeneral
  }

  get syntax(): Syntax | undefined {
    return typeof this.#syntax === 'function' ? this.#syntax() : this.#syntax
  }

  test(text: string): boolean {
    if (this.#automaton === undefined && !this.#isGeneral) this.#automaton = this.#build()
    const decided = this.#automaton?.test(text)
    if (decided !== undefined) return decided
    this.#general ??= this.#makeGeneral()
    return this.#general.test(text)
  }

  #build(): LazyAutomaton | undefined {
    const program = new Program()
    const { syntax } = this
    try {
      if (syntax !== undefined) {
        program.start = program.expression(syntax, program.accept(0))
        return new LazyAutomaton(program, true)
      }
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error
    }
    this.#isGeneral = true
    return undefined
  }
}
