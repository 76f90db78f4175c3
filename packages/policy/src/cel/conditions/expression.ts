/** Integer types of the expression language. */
export type CelType = 'int32' | 'uint32' | 'int64' | 'uint64' | 'bool'

/** A checked expression: operands of an operator have the same type. */
export type CelExpression =
  | { readonly kind: 'constant'; readonly type: CelType; readonly value: bigint }
  /** Position in the hook's `args`. */
  | { readonly kind: 'argument'; readonly type: CelType; readonly position: number }
  /** int32() or uint32(): the operand's low 32 bits as this type. */
  | { readonly kind: 'convert'; readonly type: CelType; readonly operand: CelExpression }
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
      readonly operator:
        | 'add'
        | 'subtract'
        | 'bit-and'
        | 'bit-or'
        | 'bit-xor'
        | 'and'
        | 'or'
        | 'eq'
        | 'ne'
        | 'lt'
        | 'le'
        | 'gt'
        | 'ge'
      readonly left: CelExpression
      readonly right: CelExpression
    }
