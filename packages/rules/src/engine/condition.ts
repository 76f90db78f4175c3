import type { BitExpression } from './cover.ts'

/** What is known of each bit: one byte for each. */
export type Bits = Uint8Array

export const isFalse = 0
export const isTrue = 1
export const isUndecided = 2

/** Decides what is not in bits. */
export interface Decisions {
  /** The value of an undecided bit, which is set accordingly. */
  bit(bit: number): boolean
  /** Compares two fields. */
  compared(index: number): boolean
}

/** Evaluates a condition on bits. */
export type Condition = (bits: Bits, decisions: Decisions) => boolean

/** Compiles a condition to tests of bits. */
export function compileCondition(expression: BitExpression): Condition {
  switch (expression.kind) {
    case 'bit': {
      const { bit } = expression
      return (bits, decisions) =>
        bits[bit] === isTrue || (bits[bit] === isUndecided && decisions.bit(bit))
    }
    case 'compared': {
      const { index } = expression
      return (_, decisions) => decisions.compared(index)
    }
    case 'not': {
      const inner = compileCondition(expression.of)
      return (bits, decisions) => !inner(bits, decisions)
    }
    default:
      return expression.kind === 'and' ? all(expression.of) : any(expression.of)
  }
}

/** Direct tests of bits come before nested conditions, and decided bits before others. */
function split(of: readonly BitExpression[]): { own: Int32Array; inner: Condition[] } {
  const own = of.flatMap((each) => (each.kind === 'bit' ? each.bit : []))
  const inner = of.filter((each) => each.kind !== 'bit').map(compileCondition)
  return { own: Int32Array.from(own), inner }
}

function all(of: readonly BitExpression[]): Condition {
  const { own, inner } = split(of)
  return (bits, decisions) => {
    let open = 0
    for (let i = 0; i < own.length; i++) {
      const bit = bits[own[i]]
      if (bit === isFalse) return false
      if (bit === isUndecided) open++
    }
    for (let i = 0; open > 0 && i < own.length; i++) {
      if (bits[own[i]] !== isUndecided) continue
      if (!decisions.bit(own[i])) return false
      open--
    }
    for (let i = 0; i < inner.length; i++) if (!inner[i](bits, decisions)) return false
    return true
  }
}

function any(of: readonly BitExpression[]): Condition {
  const { own, inner } = split(of)
  return (bits, decisions) => {
    let open = 0
    for (let i = 0; i < own.length; i++) {
      const bit = bits[own[i]]
      if (bit === isTrue) return true
      if (bit === isUndecided) open++
    }
    for (let i = 0; open > 0 && i < own.length; i++) {
      if (bits[own[i]] !== isUndecided) continue
      if (decisions.bit(own[i])) return true
      open--
    }
    for (let i = 0; i < inner.length; i++) if (inner[i](bits, decisions)) return true
    return false
  }
}
