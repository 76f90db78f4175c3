/** Types of the expression language. Numbers have 32 or 64 bits. */
export type CelType = 'int32' | 'uint32' | 'int64' | 'uint64' | 'bool'

/** The list of the hook that a name refers to; `result` is the return value alone. */
export type CelList = 'args' | 'data' | 'result'

/** A checked expression: operands of an operator have the same type. */
export type CelExpression =
  | { readonly kind: 'constant'; readonly type: CelType; readonly value: bigint }
  /** A position in the list. */
  | {
      readonly kind: 'argument'
      readonly type: CelType
      readonly list: CelList
      readonly position: number
    }
  /** int32() or uint32(): the operand's low 32 bits as this type. */
  | { readonly kind: 'convert'; readonly type: CelType; readonly operand: CelExpression }
  /** ntoh(), ntoh16(): the operand's low bits, with their bytes reversed. */
  | {
      readonly kind: 'swap'
      readonly type: CelType
      readonly bits: 16 | 32 | 64
      readonly operand: CelExpression
    }
  /** Compares a text with a literal. */
  | {
      readonly kind: 'text'
      readonly type: 'bool'
      readonly operator: CelTextOperator
      readonly list: CelList
      readonly position: number
      readonly value: Uint8Array
    }
  | {
      readonly kind: 'unary'
      readonly type: CelType
      /** `-`, bitwise not(), logical `!` */
      readonly operator: 'negate' | 'bit-not' | 'not'
      readonly operand: CelExpression
    }
  | {
      readonly kind: 'binary'
      readonly type: CelType
      readonly operator: CelBinaryOperator
      readonly left: CelExpression
      readonly right: CelExpression
    }

export type CelTextOperator = 'equal-string' | 'prefix' | 'postfix' | 'substring'

export type CelBinaryOperator =
  | CelArithmetic
  | ('and' | 'or')
  | ('eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge')

/**
 * As BPF defines them: numbers wrap around, a number divided by 0 is 0, its remainder is the number
 * itself, and shifts use the low 5 or 6 bits of the count. The quotient of signed numbers is
 * truncated, and the remainder has the sign of the dividend.
 */
export type CelArithmetic =
  | ('add' | 'subtract' | 'multiply' | 'divide' | 'remainder')
  | ('shift-left' | 'shift-right')
  | ('bit-and' | 'bit-or' | 'bit-xor')
