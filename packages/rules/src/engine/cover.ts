/** A condition over bits: atoms of the process, its parent, its ancestors or the event. */
export type BitExpression =
  | { readonly kind: 'and'; readonly of: readonly BitExpression[] }
  | { readonly kind: 'or'; readonly of: readonly BitExpression[] }
  | { readonly kind: 'not'; readonly of: BitExpression }
  | { readonly kind: 'bit'; readonly bit: number }
  /** Compares two fields: evaluated with the values, whenever it is reached. */
  | { readonly kind: 'compared'; readonly index: number }

/** Bits of which at least one is set whenever a condition is true, and how often they are set. */
export interface Cover {
  readonly bits: readonly number[]
  readonly cost: number
}

/**
 * The best cover of a condition: it must be evaluated only if one of these bits is set. Undefined
 * if it can be true without any, such as a negation alone.
 * @param costOf how often a bit is set, compared with others
 */
export function coverOf(
  expression: BitExpression,
  costOf: (bit: number) => number,
): Cover | undefined {
  switch (expression.kind) {
    case 'bit':
      return { bits: [expression.bit], cost: costOf(expression.bit) }
    case 'and': {
      let best: Cover | undefined
      for (const each of expression.of) {
        const cover = coverOf(each, costOf)
        if (cover !== undefined && (best === undefined || cover.cost < best.cost)) best = cover
      }
      return best
    }
    case 'or': {
      const bits: number[] = []
      let cost = 0
      for (const each of expression.of) {
        const cover = coverOf(each, costOf)
        if (cover === undefined) return undefined
        for (const bit of cover.bits) bits.push(bit)
        cost += cover.cost
      }
      return { bits, cost }
    }
    default:
      return undefined
  }
}
