import type { CharSet } from './char-set.ts'
import type { Position, Syntax } from './syntax.ts'

/** Kinds of instructions. */
export const takeSet = 0
export const split = 1
export const atPosition = 2
export const accept = 3

const positionNumbers = ['textStart', 'lineStart', 'textEnd', 'lineEnd', 'border', 'noBorder']

/** Number of a condition on positions, as instructions have it. */
export function positionNumber(position: Position): number {
  return positionNumbers.indexOf(position)
}

/** Thrown if an expression has too many instructions. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge'
}

/**
 * Instructions of a nondeterministic automaton. `first` is the next instruction; `second` is the
 * other branch, the index of a set, a position, or the number that is accepted.
 */
export class Program {
  readonly kinds: number[] = []
  readonly first: number[] = []
  readonly second: number[] = []
  readonly sets: CharSet[] = []
  readonly #setNumbers = new Map<string, number>()
  readonly #instructionsMax: number
  start = 0

  constructor(instructionsMax = 20_000) {
    this.#instructionsMax = instructionsMax
  }

  /** Accepts a number. @returns the instruction */
  accept(id: number): number {
    return this.#add(accept, 0, id)
  }

  /** Continues at one of several instructions. */
  oneOf(instructions: readonly number[]): number {
    return instructions.reduceRight((rest, each) => this.#add(split, each, rest))
  }

  /** An expression, then an instruction. @throws TooLarge */
  expression(syntax: Syntax, next: number): number {
    switch (syntax.kind) {
      case 'set':
        return this.#add(takeSet, next, this.#setNumber(syntax.set))
      case 'position':
        return this.#add(atPosition, next, positionNumber(syntax.position))
      case 'sequence':
        return syntax.of.reduceRight((then, each) => this.expression(each, then), next)
      case 'choice':
        return this.oneOf(syntax.of.map((each) => this.expression(each, next)))
      case 'repetition':
        return this.#repetition(syntax, next)
    }
  }

  #repetition({ of, least, most }: Extract<Syntax, { kind: 'repetition' }>, next: number): number {
    let then = next
    if (most === Number.POSITIVE_INFINITY) {
      then = this.#add(split, 0, next)
      this.first[then] = this.expression(of, then)
    } else {
      for (let i = least; i < most; i++) then = this.#add(split, this.expression(of, then), next)
    }
    for (let i = 0; i < least; i++) then = this.expression(of, then)
    return then
  }

  #setNumber(set: CharSet): number {
    const key = set.join(' ')
    let number = this.#setNumbers.get(key)
    if (number === undefined) {
      number = this.sets.length
      this.sets.push(set)
      this.#setNumbers.set(key, number)
    }
    return number
  }

  #add(kind: number, first: number, second: number): number {
    if (this.kinds.length >= this.#instructionsMax) throw new TooLarge()
    this.kinds.push(kind)
    this.first.push(first)
    this.second.push(second)
    return this.kinds.length - 1
  }
}
