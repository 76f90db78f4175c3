import type { ImageCondition, ImageText } from '../model/image-match.ts'
import { type ImageAutomaton, imageAutomaton, type Literal, tableMax } from './image-automaton.ts'

/** A condition on bits: negations are at the bits only. */
export type BitCondition =
  | { readonly kind: 'and' | 'or'; readonly of: readonly BitCondition[] }
  | { readonly kind: 'bit'; readonly bit: number; readonly negated: boolean }

/** A condition on the path and the command line of a program, as the kernel side decides it. */
export interface ImageProgram {
  readonly automaton: ImageAutomaton
  /** The bits of tests of the path, and of the command line. */
  readonly bits: { readonly path: bigint; readonly commandLine: bigint }
  readonly condition: BitCondition
}

/** Results of a word: more are not needed by rules that people write. */
const bitsMax = 64

/**
 * Compiles a condition. The alternatives of a field share a bit, so lists of any length have one.
 * @returns why it is too large, if it is
 */
export function imageProgram(
  condition: ImageCondition,
): ImageProgram | { readonly tooLarge: string } {
  const bits = new Bits()
  const compiled = compile(condition, false, bits)
  if (bits.count > bitsMax) return { tooLarge: `it has more than ${bitsMax} different tests` }
  const automaton = imageAutomaton(bits.literals)
  if (automaton.bytes.length > tableMax) {
    return { tooLarge: `its values need a table of ${automaton.bytes.length >> 20} MiB, 4 at most` }
  }
  return { automaton, bits: bits.byField, condition: compiled }
}

class Bits {
  readonly #numbers = new Map<string, number>()
  readonly literals: Literal[] = []
  readonly byField = { path: 0n, commandLine: 0n }

  get count(): number {
    return this.#numbers.size
  }

  /** The bit that is set if one of these texts, of one field, is found. */
  of(texts: readonly ImageText[]): number {
    const key = JSON.stringify(texts)
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const bit = this.#numbers.size
    this.#numbers.set(key, bit)
    const mask = 1n << BigInt(Math.min(bit, bitsMax - 1))
    this.byField[texts[0].field] |= mask
    for (const { text, anchor } of texts) this.literals.push({ text, anchor, bits: mask })
    return bit
  }
}

function compile(condition: ImageCondition, negated: boolean, bits: Bits): BitCondition {
  if (condition.kind === 'text') return { kind: 'bit', bit: bits.of([condition]), negated }
  if (condition.kind === 'not') return compile(condition.of, !negated, bits)
  const kind = (condition.kind === 'and') === negated ? 'or' : 'and'
  if (condition.kind === 'and') {
    return { kind, of: condition.of.map((each) => compile(each, negated, bits)) }
  }
  const texts = condition.of.filter((each) => each.kind === 'text')
  const others = condition.of.filter((each) => each.kind !== 'text')
  const ofField = (field: ImageText['field']) => texts.filter((each) => each.field === field)
  const fields = [ofField('path'), ofField('commandLine')].filter(({ length }) => length > 0)
  return {
    kind,
    of: [
      ...fields.map((of): BitCondition => ({ kind: 'bit', bit: bits.of(of), negated })),
      ...others.map((each) => compile(each, negated, bits)),
    ],
  }
}
