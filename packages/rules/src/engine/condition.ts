import type { BitExpression } from './cover.ts'

/** Whether bits are set: one byte for each. */
export type Bits = Uint8Array

/** Evaluates a condition on bits; the second function compares two fields. */
export type Condition = (bits: Bits, compared: (index: number) => boolean) => boolean

/** Compiles a condition to tests of bits. */
export function compileCondition(expression: BitExpression): Condition {
  switch (expression.kind) {
    case 'bit': {
      const { bit } = expression
      return (bits) => bits[bit] !== 0
    }
    case 'compared': {
      const { index } = expression
      return (_, compared) => compared(index)
    }
    case 'not': {
      const inner = compileCondition(expression.of)
      return (bits, compared) => !inner(bits, compared)
    }
    default:
      return expression.kind === 'and' ? all(expression.of) : any(expression.of)
  }
}

/** Direct tests of bits come before nested conditions. */
function split(of: readonly BitExpression[]): { own: Int32Array; inner: Condition[] } {
  const own = of.flatMap((each) => (each.kind === 'bit' ? each.bit : []))
  const inner = of.filter((each) => each.kind !== 'bit').map(compileCondition)
  return { own: Int32Array.from(own), inner }
}

function all(of: readonly BitExpression[]): Condition {
  const { own, inner } = split(of)
  return (bits, compared) => {
    for (let i = 0; i < own.length; i++) if (bits[own[i]] === 0) return false
    for (let i = 0; i < inner.length; i++) if (!inner[i](bits, compared)) return false
    return true
  }
}

function any(of: readonly BitExpression[]): Condition {
  const { own, inner } = split(of)
  return (bits, compared) => {
    for (let i = 0; i < own.length; i++) if (bits[own[i]] !== 0) return true
    for (let i = 0; i < inner.length; i++) if (inner[i](bits, compared)) return true
    return false
  }
}
